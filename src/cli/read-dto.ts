import type { Type } from '@nestjs/common';
import { DtoReader } from '../http/validation/dto-reader.js';
import type { Fault } from '../http/problems.js';
import { CommandError } from './command-error.js';

/** Checks a command's arguments as the wire checks a body. @throws CommandError which tells all that is wrong */
export function readDto<T extends object>(dto: Type<T>, input: Record<string, unknown>): T {
  const faults: Fault[] = [];
  const read = new DtoReader('body', dto).read(input, faults) as T;
  if (faults.length > 0) {
    throw new CommandError(faults.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join('\n'));
  }
  return read;
}
