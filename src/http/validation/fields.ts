import { applyDecorators, type Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { isEmail, ValidateBy } from 'class-validator';
import { IANAZone } from 'luxon';
import { toBoolean, toInstant, toInstantOrAgo, toInteger } from './coercions.js';

/**
 * One decorator a field: the rule, the conversion from what the client sent, and the OpenAPI description.
 * The rules' names and messages are the `type` and `msg` of the originals' 422 answers.
 */
interface FieldOptions {
  readonly description: string;
  readonly example?: unknown;
}

/** How a field is read from what the client sent. */
export interface Field {
  readonly name: string;
  readonly convert: (value: unknown) => unknown;
  readonly default?: unknown;
}

const FIELDS = Symbol('fields');

/** The fields that a DTO declares, or none for a class that is no DTO. */
export function fieldsOf(dto: Type): readonly Field[] {
  return (Reflect.getMetadata(FIELDS, dto.prototype as object) as Field[] | undefined) ?? [];
}

/** Text as JSON has it: a string without NUL or lone surrogates, which not every database keeps. */
export function TextField(
  options: FieldOptions & {
    minLength?: number;
    maxLength?: number;
    nullable?: true;
    /** It may be left out, and is null then. */
    optional?: true;
    format?: string;
    default?: string;
  },
): PropertyDecorator {
  const { description, example, nullable, optional, minLength = 0, maxLength = Infinity, format } = options;
  const when = (check: (value: string) => boolean) => (value: unknown) =>
    ((nullable ?? optional) === true && value === null) || (typeof value === 'string' && check(value));
  return field({
    convert: same,
    fallback: (nullable ?? optional) ? null : options.default,
    schema: {
      description,
      example,
      format,
      type: 'string',
      ...(minLength > 0 && { minLength }),
      ...(maxLength < Infinity && { maxLength }),
      ...(nullable && { nullable }),
    },
    rules: [
      rule(
        'string_type',
        'Input should be a valid string',
        when(() => true),
      ),
      rule(
        'string_unicode',
        'Input should be text without NUL and without lone surrogates',
        when((text) => text.isWellFormed() && !text.includes('\0')),
      ),
      rule(
        'string_too_short',
        `String should have at least ${minLength} characters`,
        when((text) => minLength === 0 || characters(text) >= minLength),
      ),
      rule(
        'string_too_long',
        `String should have at most ${maxLength} characters`,
        when((text) => text.length <= maxLength || characters(text) <= maxLength),
      ),
    ],
  });
}

/** An e-mail address. */
export function EmailField(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    TextField({ ...options, maxLength: 254, format: 'email' }),
    rule('value_error', 'value is not a valid email address', (value) => isEmail(value)),
  );
}

/** A boolean, or one of the words and numbers that the originals take for one. */
export function BooleanField(options: FieldOptions & { default?: boolean }): PropertyDecorator {
  const { description, example } = options;
  return field({
    convert: toBoolean,
    fallback: options.default,
    schema: { description, example, type: 'boolean' },
    rules: [
      rule(
        'bool_parsing',
        'Input should be a valid boolean, unable to interpret input',
        (value) => typeof value === 'boolean',
      ),
    ],
  });
}

/** One of a few words in a query; null where it is not there and has no default. */
export function ChoiceField(
  options: FieldOptions & { choices: readonly string[]; default?: string },
): PropertyDecorator {
  const { description, example, choices } = options;
  return field({
    convert: same,
    fallback: options.default ?? null,
    schema: {
      description,
      example,
      type: 'string',
      enum: [...choices],
      ...(options.default === undefined && { nullable: true }),
    },
    rules: [
      rule(
        'enum',
        `Input should be one of ${choices.join(', ')}`,
        (value) =>
          (options.default === undefined && value === null) ||
          (typeof value === 'string' && choices.includes(value)),
      ),
    ],
  });
}

/** The name of a time zone in the database of the IANA, such as `Europe/Berlin`. */
export function TimeZoneField(options: FieldOptions & { default: string }): PropertyDecorator {
  return applyDecorators(
    TextField(options),
    rule('time_zone', 'Input should be the name of a time zone, such as Europe/Berlin or UTC', (value) =>
      IANAZone.isValidZone(value as string),
    ),
  );
}

/** An integer in a query, with its default. Without one it may be left out, and is null then. */
export function IntegerField(
  options: FieldOptions & { minimum: number; maximum: number; default?: number },
): PropertyDecorator {
  const { minimum, maximum, default: fallback = null } = options;
  const when = (check: (value: number) => boolean) => (value: unknown) =>
    (fallback === null && value === null) || check(value as number);
  return field({
    convert: toInteger,
    fallback,
    schema: { ...options, type: 'integer' },
    rules: [
      integer(fallback === null),
      rule(
        'greater_than_equal',
        `Input should be greater than or equal to ${minimum}`,
        when((value) => value >= minimum),
      ),
      rule(
        'less_than_equal',
        `Input should be less than or equal to ${maximum}`,
        when((value) => value <= maximum),
      ),
    ],
  });
}

/**
 * A point in time, which becomes the text that is kept. It may be left out, and is null then.
 *
 * @param options `durations`: `1h` is taken, too, and is an hour ago
 */
export function InstantField(options: FieldOptions & { durations?: true }): PropertyDecorator {
  const { description, example, durations } = options;
  return field({
    convert: durations ? toInstantOrAgo : toInstant,
    fallback: null,
    schema: { description, example, type: 'string', ...(!durations && { format: 'date-time' }) },
    rules: [
      rule(
        'datetime_parsing',
        'Input should be a date-time in ISO 8601, such as 2026-11-22T15:00:00Z' +
          (durations ? ', or a duration such as 15m, 1h or 7d' : ''),
        // What could not be converted is as it came.
        (value) => value === null || (isCanonical(value) && toInstant(value) === value),
      ),
    ],
  });
}

const isCanonical = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);

/** An id in a path. Any integer passes: one that no row can have is simply not found. */
export function IdField({ description, example }: FieldOptions): PropertyDecorator {
  return field({ convert: toInteger, schema: { description, example, type: 'integer' }, rules: [integer()] });
}

function integer(optional = false): PropertyDecorator {
  return rule(
    'int_parsing',
    'Input should be a valid integer, unable to parse string as an integer',
    (value) => Number.isInteger(value) || typeof value === 'bigint' || (optional && value === null),
  );
}

function field(parts: {
  convert: Field['convert'];
  fallback?: unknown;
  schema: ApiPropertyOptions;
  rules: PropertyDecorator[];
}): PropertyDecorator {
  const optional = parts.fallback !== undefined;
  const remember: PropertyDecorator = (prototype, name) => {
    const known = fieldsOf(prototype.constructor as Type);
    const own: Field = { name: String(name), convert: parts.convert, default: parts.fallback };
    Reflect.defineMetadata(FIELDS, [...known, own], prototype);
  };
  return applyDecorators(
    remember,
    ApiProperty({
      ...parts.schema,
      required: !optional,
      ...(optional && (parts.fallback !== null || parts.schema.nullable) && { default: parts.fallback }),
    } as ApiPropertyOptions),
    rule('missing', 'Field required', (value) => value !== undefined),
    ...parts.rules,
  );
}

/** A class-validator rule. Of those of one field the first that fails is told. */
function rule(name: string, message: string, check: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: check, defaultMessage: () => message } });
}

/** Unicode characters, as JSON Schema and the databases count them; `length` counts UTF-16 units. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const same = (value: unknown): unknown => value;
