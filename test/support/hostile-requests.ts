import type { InjectOptions } from 'fastify';
import fc from 'fast-check';
import { pathWith, type Route } from './routes.js';

/** A request that may be wrong anywhere. */
export type HostileRequest = Omit<InjectOptions, 'method' | 'url'> & { method: string; url: string };

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'] as const;
const anyMethod = fc.constantFrom<string[]>(...METHODS);

/** Any Unicode, lone surrogates and NUL among it. */
export const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

const hostileText = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '__proto__',
  'constructor',
  "'; DROP TABLE tasks; --",
  '${7*7}{{7*7}}<script>',
  '../../etc/passwd',
  '%00',
  '%n%s',
  'x'.repeat(10_001),
  '😀'.repeat(300),
);

export const integerText = fc.oneof(
  fc.integer({ min: -2, max: 12 }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom(
    '1.5',
    '1e0',
    '0x1',
    '',
    'true',
    '+1',
    ' 1 ',
    '2147483647',
    '2147483648',
    '9007199254740991',
    '9007199254740992',
    '9'.repeat(500),
    '-0',
  ),
);

export const anyValue = fc.oneof(
  fc.boolean(),
  fc.constantFrom('true', 'off', 'YES', '0', 1, 0, null, -0, 1e308, 2 ** 53, [], {}, [[]]),
  anyText,
  hostileText,
  integerText,
  fc.jsonValue(),
);

/** A body that the route takes, but for some of its fields and some more. */
function almostRight(body: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 2, arbitrary: anyValue }),
    ]),
  );
  const more = fc.dictionary(fc.oneof(fc.constantFrom('id', 'owner_id', 'is_active'), anyText), anyValue);
  return fc
    .tuple(fc.record(fields, { requiredKeys: [] }), more)
    .map(([own, others]) => ({ ...others, ...own }));
}

function json(body: Record<string, unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(body).map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: almostRight(body).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.json() },
  );
}

/** Spoils a text as clients and wires do. */
export const spoil = fc.constantFrom<(text: string) => string>(
  (text) => `\ufeff${text}`,
  (text) => ` \n${text}\t`,
  (text) => text.slice(0, -1),
  (text) => `${text}${text}`,
  (text) => text.replace('{', '{"__proto__":{"name":1},'),
  (text) => text.replace('{', '{"name":0,"text":[],"email":{},'),
  (text) => text.replaceAll('"', "'"),
  (text) => `${'['.repeat(5_000)}${text}`,
);

function payload(body: Record<string, unknown>): fc.Arbitrary<string | Buffer | undefined> {
  return fc.oneof(
    { weight: 8, arbitrary: json(body) },
    { weight: 3, arbitrary: fc.tuple(json(body), spoil).map(([text, change]) => change(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.webQueryParameters() },
    { weight: 1, arbitrary: anyText },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** What may stand in a header: visible Latin-1, blanks inside. */
const headerText = fc.string({
  unit: fc.integer({ min: 33, max: 255 }).map((code) => String.fromCharCode(code)),
});

const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 4, arbitrary: fc.constant('application/json') },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'application/json; charset=utf-8',
          'application/x+json',
          'application/x-www-form-urlencoded',
          'text/plain',
          'multipart/form-data',
        ),
      },
      { weight: 1, arbitrary: headerText },
    ),
    origin: fc.oneof(fc.constantFrom('null', 'http://localhost:80', 'https://evil.example'), headerText),
    'sec-fetch-site': fc.constantFrom('cross-site', 'same-origin', 'none'),
    'x-request-id': headerText,
    accept: fc.oneof(fc.constantFrom('text/html', 'application/json', '*/*'), headerText),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br'),
    'if-none-match': headerText,
    range: fc.constantFrom('bytes=0-1', 'bytes=-1'),
    authorization: headerText,
    cookie: headerText,
  },
  { requiredKeys: [] },
);

/** Text in a URL: percent-encoded, or as it is where that is hostile. */
export const urlText = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => [...bytes].map((byte) => `%${byte.toString(16)}`).join('')),
  fc.constantFrom(
    '%00',
    '%zz',
    '%',
    '..',
    '.',
    '%2e%2e',
    '%2F',
    '%5C',
    '*',
    ':id',
    '__proto__',
    '1%00',
    'all',
  ),
);

const id = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }).map(String) },
  { weight: 2, arbitrary: integerText.map(encodeURIComponent) },
  { weight: 2, arbitrary: urlText },
);

const query = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('skip', 'limit', 'take', 'skip[]', 'limit[x]', '__proto__', ''), urlText),
      fc.oneof(
        { weight: 3, arbitrary: integerText.map(encodeURIComponent) },
        { weight: 1, arbitrary: urlText },
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
  );

/** Requests to a route, most of them with a method that it has. */
export function requestsTo({ path, methods, body }: Route): fc.Arbitrary<HostileRequest> {
  const method = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<string[]>(...methods) },
    { weight: 1, arbitrary: anyMethod },
  );
  // Made anew each time: an e-mail address can be registered once.
  const bodies = fc.nat().chain(() => payload(body?.() ?? {}));
  return fc
    .record({ method, id, slash: fc.constantFrom('', '', '/'), query, headers, payload: bodies })
    .map(({ id: own, slash, query: text, ...request }) => ({
      ...request,
      url: pathWith(path, own) + slash + text,
    }));
}

/** Requests to any address. */
export const requestsAnywhere: fc.Arbitrary<HostileRequest> = fc
  .record({
    method: anyMethod,
    parts: fc.array(
      fc.oneof(fc.constantFrom('tasks', 'users', 'notes', 'items', 'log', 'docs', 'redoc'), urlText),
      {
        maxLength: 5,
      },
    ),
    query,
    headers,
    payload: payload({ name: 'x', done: true }),
  })
  .map(({ parts, query: text, ...request }) => ({ ...request, url: `/${parts.join('/')}${text}` }));
