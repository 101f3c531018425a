import type { LightMyRequestResponse } from 'fastify';
import type { Problem } from '../../src/http/problems.js';

/** The problem document of an answer, once it is sure to have the form of one (RFC 9457) and no other member. */
export function problemIn(response: LightMyRequestResponse): Problem {
  const problem = response.json<Problem>();
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(problem).toEqual({
    type: expect.stringMatching(/^urn:daybook:problem:[a-z-]+$/),
    title: expect.stringMatching(/./),
    status: response.statusCode,
    detail: expect.stringMatching(/./),
    instance: response.headers['x-request-id'],
    ...(response.statusCode === 422 && { errors: expect.any(Array) }),
    ...(/:bulk-(refused|broken)$/.test(problem.type) && {
      created: expect.any(Number),
      failed: expect.any(Number),
    }),
  });
  for (const fault of problem.errors ?? []) {
    expect(fault).toEqual({ loc: expect.any(Array), msg: expect.any(String), type: expect.any(String) });
    expect(['path', 'query', 'body']).toContain(fault.loc[0]);
  }
  return problem;
}

/** Where the faults of a 422 are, such as `body.name`. */
export function faultyPlaces(response: LightMyRequestResponse): string[] {
  expect(response.statusCode).toBe(422);
  return (problemIn(response).errors ?? []).map(({ loc }) => loc.join('.'));
}
