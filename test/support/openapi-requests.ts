import type { OpenAPIObject } from '@nestjs/swagger';
import fc from 'fast-check';
import { anyText, anyValue, integerText, spoil, urlText } from './hostile-requests.js';

/** A request, and the operation of the document that it is for, if it is for one. */
export interface FuzzRequest {
  readonly operation?: Operation;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Buffer;
  /** Sent in chunks, without Content-Length. */
  readonly chunked: boolean;
}

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  /** By media type. */
  readonly bodies: Readonly<Record<string, Schema>>;
  /** By status, and then by media type. */
  readonly answers: Readonly<Record<string, { content?: Record<string, { schema?: Schema }> }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** What is used here of JSON Schema. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly example?: unknown;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch']);
const NDJSON = 'application/x-ndjson';

export function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, unknown>)
      .filter(([method]) => METHODS.has(method))
      .map(([method, value]) => {
        const {
          parameters = [],
          requestBody,
          responses,
        } = value as Record<string, unknown> & {
          parameters?: Parameter[];
          requestBody?: { content: Record<string, { schema: Schema }> };
          responses: Operation['answers'];
        };
        const content = Object.entries(requestBody?.content ?? {});
        const bodies = Object.fromEntries(content.map(([type, { schema }]) => [type, schema]));
        return { path, method: method.toUpperCase(), parameters, bodies, answers: responses };
      }),
  );
}

/** Requests as the document describes them, right and wrong ones. */
export function requestsOf(document: OpenAPIObject): fc.Arbitrary<FuzzRequest> {
  const values = new Values(document);
  const all = operationsOf(document);
  const operations = all.map((operation) =>
    requestsTo(operation, values).map((request) => ({ ...request, operation: operationOf(request, all) })),
  );
  return fc.oneof({ weight: 40, arbitrary: fc.oneof(...operations) }, { weight: 1, arbitrary: elsewhere });
}

/** An id may be a path of its own, such as "all", or nothing, which is the path before it. */
function operationOf({ operation, method, url }: FuzzRequest, all: Operation[]): Operation | undefined {
  const path = url.replace(/\?.*/s, '').replace(/(.)\/$/, '$1');
  const there = all.filter((one) => one.path === path);
  return there.length === 0 ? operation : there.find((one) => one.method === method);
}

const elsewhere: fc.Arbitrary<FuzzRequest> = fc
  .record({ method: fc.constantFrom('GET', 'POST', 'DELETE'), parts: fc.array(urlText, { maxLength: 4 }) })
  .map(({ method, parts }) => ({ method, url: `/${parts.join('/')}`, headers: {}, chunked: false }));

function requestsTo(operation: Operation, values: Values): fc.Arbitrary<FuzzRequest> {
  const types = Object.keys(operation.bodies);
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'POST', 'GET') },
      ),
      url: urlOf(operation, values),
      headers: headersOf(operation, types),
      body: bodyOf(operation, values),
      chunked: fc.constantFrom(false, false, true),
    })
    .map(({ method, headers, ...rest }) => ({
      ...rest,
      method,
      headers: Object.fromEntries(
        Object.entries(headers).filter((entry) => entry[1] !== undefined),
      ) as Record<string, string>,
      operation: method === operation.method ? operation : undefined,
    }));
}

function urlOf({ path, parameters }: Operation, values: Values): fc.Arbitrary<string> {
  const own = parameters.filter((parameter) => parameter.in === 'path');
  const ids = fc.tuple(...own.map(({ schema }) => pathValue(schema, values)));
  const queries = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) =>
      fc.option(
        values.text(schema).map((text) => `${name}=${encodeURIComponent(text.toWellFormed())}`),
        { nil: undefined },
      ),
    );
  const strange = fc.tuple(urlText, urlText).map(([name, value]) => `${name}=${value}`);
  const more = fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: strange });
  return fc.tuple(ids, fc.tuple(...queries), more).map(([id, given, last]) => {
    const filled = own.reduce((text, { name }, n) => text.replace(`{${name}}`, () => id[n]!), path);
    const query = [...given, last].filter((part) => part !== undefined).join('&');
    return query === '' ? filled : `${filled}?${query}`;
  });
}

function pathValue(schema: Schema, values: Values): fc.Arbitrary<string> {
  const right = schema.type === 'integer' ? fc.integer({ min: 1, max: 40 }).map(String) : values.text(schema);
  const one = right.map((text) => encodeURIComponent(text.toWellFormed()));
  return fc.oneof(
    { weight: 6, arbitrary: one.filter((text) => text !== '') },
    { weight: 1, arbitrary: integerText.map(encodeURIComponent) },
    { weight: 1, arbitrary: urlText },
  );
}

function headersOf({ parameters, answers }: Operation, types: string[]) {
  const accepted = Object.keys(answers['200']?.content ?? {});
  return fc.record(
    {
      'content-type': fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...types, ...(types.length ? [] : ['application/json'])) },
        { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'x', '') },
      ),
      accept: fc.constantFrom('*/*', ...accepted, 'application/problem+json, */*;q=0.1'),
      'accept-encoding': fc.constantFrom('gzip', 'identity;q=0', '*'),
      'if-none-match': fc.constantFrom('*', '"x"', 'W/"x"', 'x'),
      range: fc.constantFrom('bytes=0-1', 'bytes=-1', 'x'),
      'x-request-id': fc.constantFrom('a-b.c', '%00', 'x'.repeat(300)),
      ...Object.fromEntries(
        parameters.filter((one) => one.in === 'header').map(({ name }) => [name.toLowerCase(), headerValue]),
      ),
    },
    { requiredKeys: types.length ? ['content-type'] : [] },
  );
}

const headerValue = integerText.map((text) => text.trim());

function bodyOf({ bodies }: Operation, values: Values): fc.Arbitrary<string | Buffer | undefined> {
  const types = Object.entries(bodies);
  if (types.length === 0) {
    return fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('{}', 'x') },
    );
  }
  const right = fc.oneof(...types.map(([type, schema]) => bodyText(type, schema, values)));
  return fc.oneof(
    { weight: 16, arbitrary: right },
    { weight: 3, arbitrary: fc.tuple(right, spoil).map(([text, change]) => change(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, '', 'null', '[]', '{', '"', '1e999', '[[[[[[') },
  );
}

function bodyText(type: string, schema: Schema, values: Values): fc.Arbitrary<string> {
  if (type !== NDJSON) return values.of(schema).map((value) => toJson(value));
  const entry = schema.items ?? schema;
  // A schema of lines says that they are text, and shows one.
  const line =
    entry.type === 'string'
      ? fc.constant(typeof entry.example === 'string' ? entry.example : '')
      : values.of(entry).map(toJson);
  return fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
}

/** JSON with numbers that a double has no room for here and there: JSON.parse() makes an infinity of them. */
const toJson = (value: unknown): string => JSON.stringify(value ?? null).replaceAll(/:1e\+308\b/g, ':1e999');

/** Values that fit a schema for the most part. */
class Values {
  private readonly known = new Map<Schema, fc.Arbitrary<unknown>>();

  constructor(private readonly document: OpenAPIObject) {}

  of(schema: Schema): fc.Arbitrary<unknown> {
    const known = this.known.get(schema);
    if (known) return known;
    const made = fc.oneof({ weight: 16, arbitrary: this.right(schema) }, { weight: 1, arbitrary: anyValue });
    this.known.set(schema, made);
    return made;
  }

  /** The same in a URL. */
  text(schema: Schema): fc.Arbitrary<string> {
    return this.of(schema).map((value) =>
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
    );
  }

  private right(schema: Schema): fc.Arbitrary<unknown> {
    if (schema.$ref) return this.of(this.target(schema.$ref));
    const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
    if (choices) return fc.oneof(...choices.map((choice) => this.of(choice)));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const types = [schema.type ?? ['string', 'number', 'boolean', 'null', 'object']].flat();
    return fc.oneof(...types.map((type) => this.typed(type, schema)));
  }

  private typed(type: string, schema: Schema): fc.Arbitrary<unknown> {
    switch (type) {
      case 'integer':
        return fc.oneof(
          fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 40, 40) }),
          fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 2 ** 53 - 1),
        );
      case 'number':
        return fc.oneof(
          { weight: 6, arbitrary: fc.integer({ min: 0, max: 30 }) },
          { weight: 1, arbitrary: fc.constantFrom(1e308, -1e308, 2 ** 63, 0.1, -0) },
          { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
        );
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return fc.array(this.of(schema.items ?? {}), { maxLength: 5 });
      case 'object':
        return this.object(schema);
      default:
        return this.string(schema);
    }
  }

  private object({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
    const members = Object.entries(properties).map(([name, schema]) => [name, this.of(schema)] as const);
    const own = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record(Object.fromEntries(members), { requiredKeys: [...required] }),
      },
      { weight: 1, arbitrary: fc.record(Object.fromEntries(members), { requiredKeys: [] }) },
    );
    const more = fc.oneof(
      { weight: 8, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.dictionary(anyText, fc.jsonValue(), { maxKeys: 3 }) },
    );
    return fc.tuple(more, own).map(([others, given]) => ({ ...others, ...given }));
  }

  private string({ format, example, maxLength }: Schema): fc.Arbitrary<unknown> {
    const long = fc.constant('y'.repeat((maxLength ?? 2_000) + 1));
    const any = fc.oneof(
      { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
      { weight: 1, arbitrary: long },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((number) => `r${number}`) },
    );
    const ofFormat =
      format === 'email'
        ? fc.oneof(
            fc.emailAddress(),
            fc.nat().map((number) => `u${number}@example.com`),
          )
        : format === 'date-time'
          ? fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
          : any;
    const shown = example === undefined ? [] : [{ weight: 3, arbitrary: fc.constant(example) }];
    return fc.oneof({ weight: 6, arbitrary: ofFormat }, { weight: 1, arbitrary: any }, ...shown);
  }

  private target(reference: string): Schema {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return this.document.components?.schemas?.[name] as Schema;
  }
}
