import type { Type } from '@nestjs/common';
import { validateSync } from 'class-validator';
import type { Fault } from '../problems.js';
import { type Check, compileCheck } from './compiled-check.js';
import { type Field, fieldsOf } from './fields.js';

/** Where in a request a DTO comes from. */
export type Source = 'path' | 'query' | 'body';

/** Makes instances of one DTO class from what clients send. */
export class DtoReader {
  private readonly fields: readonly Field[];
  private readonly holds: Check | undefined;

  constructor(
    readonly source: Source,
    private readonly dto: Type<object>,
  ) {
    this.fields = fieldsOf(dto);
    this.holds = compileCheck(dto);
  }

  /**
   * The DTO, its fields converted, with defaults for what is not there and without what it does not declare.
   * What is wrong with it is added to `faults`.
   *
   * class-transformer would do this, but it follows nested input to any depth, until the stack ends.
   */
  read(input: unknown, faults: Fault[]): object {
    const dto = new this.dto() as Record<string, unknown>;
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      faults.push(
        input === undefined
          ? { loc: [this.source], msg: 'Field required', type: 'missing' }
          : { loc: [this.source], msg: 'Input should be a valid JSON object', type: 'model_attributes_type' },
      );
      return dto;
    }
    const values = input as Record<string, unknown>;
    for (const { name, convert, default: fallback } of this.fields) {
      dto[name] = Object.hasOwn(values, name) ? convert(values[name]) : fallback;
    }
    if (this.holds?.(dto)) return dto;
    for (const { property, constraints } of validateSync(dto, { stopAtFirstError: true })) {
      const [[type, msg] = ['invalid', 'Input is not valid']] = Object.entries(constraints ?? {});
      faults.push({ loc: [this.source, property], msg, type });
    }
    return dto;
  }
}
