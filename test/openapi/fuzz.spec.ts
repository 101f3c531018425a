import { readFile } from 'node:fs/promises';
import type { OpenAPIObject } from '@nestjs/swagger';
import { engines } from '../support/databases.js';
import { faultLines, fuzz } from '../support/fuzz.js';
import { AnswerCheck } from '../support/openapi-answers.js';
import { operationsOf } from '../support/openapi-requests.js';

// The same requests in each run. npm run test:faults -- fuzz has others, and more.
it.each(engines)(
  'requests that the document describes, right and wrong, are answered as it says on %s',
  async (engine) => {
    const report = await fuzz(engine, { requests: 1_000, seed: 14 });
    expect(faultLines(report)).toEqual([]);
    expect(report).toMatchObject({
      requests: 1_000,
      statuses: { 200: expect.any(Number), 422: expect.any(Number) },
    });
  },
);

describe('the comparison of answers with the document', () => {
  let check: AnswerCheck;
  let faultOf: (status: number, type: string, body: string) => string | undefined;
  beforeAll(async () => {
    const text = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8');
    const document = JSON.parse(text) as OpenAPIObject;
    check = new AnswerCheck(document);
    const operation = operationsOf(document).find(({ path, method }) => path === '/logs' && method === 'GET');
    const request = { operation, method: 'GET', url: '/logs', headers: {}, chunked: false };
    faultOf = (status, type, body) => check.faultOf(request, { status, type, body });
  });

  const entry = '{"id":1,"message":"x","timestamp":"2026-11-28T12:00:00.000Z"}';

  it.each([
    ['application/json', `{"logs":[${entry}]}`],
    ['application/x-ndjson', `${entry}\n${entry}\n`],
  ])('finds nothing in an answer as %s that is right', (type, body) => {
    expect(faultOf(200, type, body)).toBeUndefined();
  });

  it.each([
    [500, 'application/problem+json', '{}', 'status 500'],
    [418, 'application/json', '{}', 'undocumented status 418'],
    [200, 'text/csv', '', 'undocumented type'],
    [200, 'application/json', '{"logs":[', 'no JSON'],
    [200, 'application/json', '{"logs":[{"id":"1"}]}', 'not as documented'],
    [200, 'application/x-ndjson', `${entry}\n{}\n`, 'not as documented'],
    [422, 'application/problem+json', '{"status":422}', 'not as documented'],
  ])('tells of status %i as %s with %s', (status, type, body, fault) => {
    expect(faultOf(status, type, body)).toContain(fault);
  });
});
