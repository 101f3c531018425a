import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FuzzRequest } from './openapi-requests.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What may come where the document has no operation: the method is not that of one, or the path. */
const ELSEWHERE = new Set([200, 204, 304, 400, 404, 405, 413, 415, 422]);
const PROBLEM = '#/components/schemas/ProblemDto';
const TEXTS = /^(text\/|application\/(zip|javascript))/;

/** Compares answers with the document. */
export class AnswerCheck {
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(document: OpenAPIObject) {
    // Not strict: a document has keywords that are for people only.
    this.ajv = new Ajv2020({ strict: false, allErrors: false });
    formats.default(this.ajv);
    this.ajv.addSchema(document, 'openapi');
  }

  /** What is wrong with an answer, in a few words that are the same for answers of a kind. */
  faultOf({ operation, method }: FuzzRequest, { status, type, body }: FuzzAnswer): string | undefined {
    if (status >= 500) return `status ${status}`;
    if (!operation) {
      if (!ELSEWHERE.has(status)) return `undocumented status ${status}`;
      return status >= 400 && method !== 'HEAD' && !type.startsWith('text/html')
        ? this.mismatch(PROBLEM, type, body)
        : undefined;
    }
    const documented = operation.answers[status];
    if (!documented) return `undocumented status ${status}`;
    const types = Object.keys(documented.content ?? {});
    if (types.length === 0) return body === '' ? undefined : `status ${status} has a body`;
    if (!types.includes(type)) return `status ${status} has the undocumented type ${type}`;
    if (TEXTS.test(type)) return undefined;
    const [path, media] = [operation.path, type].map((part) =>
      part.replaceAll('~', '~0').replaceAll('/', '~1'),
    );
    const schema = `#/paths/${path}/${operation.method.toLowerCase()}/responses/${status}/content/${media}/schema`;
    return this.mismatch(encodeURI(schema), type, body);
  }

  private mismatch(schema: string, type: string, body: string): string | undefined {
    const lines = type === 'application/x-ndjson' ? body.split('\n').filter((line) => line !== '') : [body];
    const validate = this.validator(schema);
    for (const line of lines) {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        return `${type} that is no JSON`;
      }
      if (!validate(value)) return `not as documented: ${this.ajv.errorsText(validate.errors)}`;
    }
    return undefined;
  }

  private validator(schema: string): ValidateFunction {
    const known = this.compiled.get(schema) ?? this.ajv.compile({ $ref: `openapi${schema}` });
    this.compiled.set(schema, known);
    return known;
  }
}
