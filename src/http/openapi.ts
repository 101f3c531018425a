import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { PROBLEMS, type ProblemCode, problemOf } from './problems.js';

const EXAMPLE_ID = '7a3f0d1e-52c4-4c0b-9f0e-3f6f5d1c2b4a';

/** The wire form of a Fault. */
export class FaultDto {
  @ApiProperty({
    description: 'Where the fault is: path, query or body, then the name of the field',
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    example: ['body', 'name'],
  })
  loc: (string | number)[];

  @ApiProperty({ description: 'What is wrong, for people', example: 'Field required' })
  msg: string;

  @ApiProperty({ description: 'What is wrong, for programs', example: 'missing' })
  type: string;
}

/** The wire form of a Problem. */
export class ProblemDto {
  @ApiProperty({
    description: 'Which problem it is',
    format: 'uri',
    enum: Object.keys(PROBLEMS).map((code) => `urn:daybook:problem:${code}`),
  })
  type: string;

  @ApiProperty({ description: 'The name of the status', example: 'Not Found' })
  title: string;

  @ApiProperty({ description: 'The HTTP status', type: 'integer', example: 404 })
  status: number;

  @ApiProperty({ description: 'What happened, and what to do', example: 'Task not found' })
  detail: string;

  @ApiProperty({ description: "The request's id, as in the header X-Request-Id", example: EXAMPLE_ID })
  instance: string;

  @ApiProperty({
    description: 'With status 422: every fault of the request',
    type: [FaultDto],
    required: false,
  })
  errors?: FaultDto[];

  @ApiProperty({
    description: 'With many log entries: how many are kept',
    type: 'integer',
    required: false,
  })
  created?: number;

  @ApiProperty({
    description: 'With many log entries: how many have faults',
    type: 'integer',
    required: false,
  })
  failed?: number;
}

/** What any request can meet. */
const EVERYWHERE: ProblemCode[] = ['malformed-request', 'internal-error', 'database-unavailable'];

/** Documents the failures of a handler, besides those that any request can meet. */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator {
  // What takes a body writes.
  const all = [
    ...codes,
    ...EVERYWHERE,
    ...(codes.includes('body-too-large') ? (['outcome-unknown'] as const) : []),
  ];
  const statuses = new Set(all.map((code) => PROBLEMS[code].status));
  return applyDecorators(
    ...[...statuses].map((status) =>
      documentStatus(
        status,
        all.filter((code) => PROBLEMS[code].status === status),
      ),
    ),
  );
}

function documentStatus(status: number, codes: ProblemCode[]): MethodDecorator {
  return ApiResponse({
    status,
    description: codes.map((code) => PROBLEMS[code].detail).join(' · '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemDto) },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  });
}

function exampleOf(code: ProblemCode) {
  const errors = [{ loc: ['body', 'name'], msg: 'Field required', type: 'missing' }];
  const lines = [{ loc: ['body', 3], msg: 'JSON decode error', type: 'json_invalid' }];
  if (code.startsWith('bulk-') && PROBLEMS[code].status === 422) {
    return problemOf(code, EXAMPLE_ID, lines, { created: code === 'bulk-refused' ? 0 : 2, failed: 1 });
  }
  return problemOf(code, EXAMPLE_ID, code === 'validation-failed' ? errors : undefined);
}
