import { HttpException } from '@nestjs/common';

/** One kind of failure. Its `type` on the wire is `urn:daybook:problem:` and its key below. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What clients read; the originals' own text where they have one. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every failure that a client can meet, explained in docs/errors.md. */
export const PROBLEMS = {
  'malformed-request': {
    status: 400,
    title: 'Bad Request',
    detail: 'The request is not valid HTTP: check its URL, its headers and its body length.',
  },
  'email-already-registered': { status: 400, title: 'Bad Request', detail: 'Email already registered' },
  'not-found': { status: 404, title: 'Not Found', detail: 'Not Found' },
  'task-not-found': { status: 404, title: 'Not Found', detail: 'Task not found' },
  'user-not-found': { status: 404, title: 'Not Found', detail: 'User not found' },
  'note-not-found': { status: 404, title: 'Not Found', detail: 'Item not found' },
  'symbol-not-found': {
    status: 404,
    title: 'Not Found',
    detail: 'The documentation has no entry of this name.',
  },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed', detail: 'Method Not Allowed' },
  'request-timeout': {
    status: 408,
    title: 'Request Timeout',
    detail: 'The request did not arrive in time. Send it again.',
  },
  'body-too-large': {
    status: 413,
    title: 'Content Too Large',
    detail:
      'The body is larger than this server takes (its settings MAX_BODY_BYTES, BULK_MAX_BYTES for many log ' +
      'entries, and TASKS_IMPORT_MAX_BYTES for tasks that are imported).',
  },
  'bulk-too-large': {
    status: 413,
    title: 'Content Too Large',
    detail:
      'All or none is for up to 250,000 log entries in 64 MiB that are written in time. Nothing is kept: send ' +
      'parts of the body, or send it without atomic=true.',
  },
  'url-too-long': { status: 414, title: 'URI Too Long', detail: 'The URL is longer than this server takes.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported Media Type',
    detail: "Send the body as JSON, with the header 'Content-Type: application/json'.",
  },
  'unsupported-bulk-type': {
    status: 415,
    title: 'Unsupported Media Type',
    detail:
      "Send one log entry a line with the header 'Content-Type: application/x-ndjson', or an array of them with " +
      "'Content-Type: application/json', and neither compressed.",
  },
  'validation-failed': {
    status: 422,
    title: 'Unprocessable Content',
    detail: 'The request has faults: errors lists each with its place.',
  },
  'bulk-refused': {
    status: 422,
    title: 'Unprocessable Content',
    detail:
      'Nothing is kept, as some entries have faults: failed counts these, errors lists the first faults.',
  },
  'bulk-broken': {
    status: 422,
    title: 'Unprocessable Content',
    detail:
      'The body is no JSON array from its begin to its end. The entries that created counts are kept; errors tells ' +
      'where it is broken.',
  },
  'headers-too-large': {
    status: 431,
    title: 'Request Header Fields Too Large',
    detail: 'The headers are larger than this server takes.',
  },
  'internal-error': { status: 500, title: 'Internal Server Error', detail: 'Internal Server Error' },
  'database-unavailable': {
    status: 503,
    title: 'Service Unavailable',
    detail: 'The database cannot do this now. Try again shortly.',
    headers: { 'Retry-After': '1' },
  },
  'outcome-unknown': {
    status: 503,
    title: 'Service Unavailable',
    detail:
      'The database did not confirm the write, which may have been kept. Look whether it was before you send it again.',
  },
  'too-busy': {
    status: 503,
    title: 'Service Unavailable',
    detail: 'Too many want the same at once. Try again shortly.',
    headers: { 'Retry-After': '2' },
  },
  'search-off': {
    status: 503,
    title: 'Service Unavailable',
    detail: 'Search is off: this server has no documentation to search in (its setting SEARCH_FILE).',
  },
  'too-many-streams': {
    status: 503,
    title: 'Service Unavailable',
    detail: 'As many streams are open as this server allows (its setting LOG_STREAMS). Try again later.',
    headers: { 'Retry-After': '30' },
  },
  stopping: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'The service is stopping. Try again shortly.',
    headers: { 'Retry-After': '1' },
  },
} as const satisfies Record<string, ProblemKind>;

/** The key of a failure in the catalogue. */
export type ProblemCode = keyof typeof PROBLEMS;

/** One fault of a request, in the originals' form. `loc` begins with `path`, `query` or `body`. */
export interface Fault {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** A problem details document (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request's id, as in the header X-Request-Id and in the log. */
  readonly instance: string;
  readonly errors?: readonly Fault[];
  /** For many log entries at once, where some may be kept: how many are, and how many have faults. */
  readonly created?: number;
  readonly failed?: number;
}

/** Members of a problem document that only some problems have. */
export type ProblemMembers = Pick<Problem, 'created' | 'failed'>;

/** The document that tells of a failure in the request with this id. */
export function problemOf(
  code: ProblemCode,
  requestId: string,
  errors?: readonly Fault[],
  { created, failed }: ProblemMembers = {},
): Problem {
  const { status, title, detail } = PROBLEMS[code];
  return {
    type: `urn:daybook:problem:${code}`,
    title,
    status,
    detail,
    instance: requestId,
    ...(created !== undefined && { created }),
    ...(failed !== undefined && { failed }),
    ...(errors && { errors }),
  };
}

/** Ends the request with a failure of the catalogue. */
export class ProblemException extends HttpException {
  readonly headers: Readonly<Record<string, string>>;
  readonly faults?: readonly Fault[];
  readonly members?: ProblemMembers;

  constructor(
    readonly code: ProblemCode,
    options: {
      headers?: Record<string, string>;
      faults?: readonly Fault[];
      members?: ProblemMembers;
      /** What the log tells besides. */
      cause?: unknown;
    } = {},
  ) {
    const kind: ProblemKind = PROBLEMS[code];
    super(kind.detail, kind.status, { cause: options.cause });
    this.headers = { ...kind.headers, ...options.headers };
    this.faults = options.faults;
    this.members = options.members;
  }
}
