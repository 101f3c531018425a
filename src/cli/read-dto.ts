import type { Type } from '@nestjs/common';
import { DtoReader } from '../http/validation/dto-reader.js';
import { type Fault, ProblemException } from '../http/problems.js';
import { CommandError } from './command-error.js';

/** Checks a command's arguments as the wire checks a body. @throws CommandError which tells all that is wrong */
export function readDto<T extends object>(dto: Type<T>, input: Record<string, unknown>): T {
  const faults: Fault[] = [];
  const read = new DtoReader('body', dto).read(input, faults) as T;
  if (faults.length > 0) {
    throw toCommandError(faults);
  }
  return read;
}

/** Runs what refuses input as the wire does. @throws CommandError instead, which tells all that is wrong */
export async function withoutProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProblemException && error.faults ? toCommandError(error.faults) : error;
  }
}

function toCommandError(faults: readonly Fault[]): CommandError {
  return new CommandError(
    faults.map(({ loc, msg }) => [...loc.slice(1), msg].join(loc.length > 2 ? ' ' : ': ')).join('\n'),
  );
}
