import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString, makeDocumentFromString } from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import { Json } from '@stoplight/spectral-parsers';
import rulesets from '@stoplight/spectral-rulesets';
import type { OpenAPIObject } from '@nestjs/swagger';
import { startApp, type TestApp } from '../support/app.js';

const COMMITTED = new URL('../../openapi.json', import.meta.url);
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

describe('the OpenAPI document', () => {
  const routes = new Set<string>();
  let test: TestApp;
  let served: OpenAPIObject;
  let text: string;

  beforeAll(async () => {
    test = await startApp('sqlite', {
      onServer: (server) =>
        server.addHook('onRoute', ({ method, url }) => {
          for (const one of [method].flat()) routes.add(`${one} ${url}`);
        }),
    });
    served = (await test.app.inject('/openapi.json')).json();
    text = await readFile(COMMITTED, 'utf8');
  });
  afterAll(() => test.close());

  it('is the one that is committed: `npm run openapi` writes it', () => {
    expect(served).toEqual(JSON.parse(text));
  });

  it('says of what writes, and of nothing else, that it may have been kept', () => {
    for (const [path, item] of Object.entries(served.paths)) {
      for (const method of METHODS.filter((one) => item[one])) {
        const answer = JSON.stringify(item[method]!.responses['503'] ?? null);
        expect(answer.includes('problem:outcome-unknown'), `${method} ${path}`).toBe(method !== 'get');
      }
    }
  });

  it('has no error and no warning by Redocly', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
    expect(makeDocumentFromString(text, 'openapi.json').parsed).toEqual(served);
  });

  it('has no error and no warning by Spectral', async () => {
    const linter = new spectral.Spectral();
    linter.setRuleset(new spectral.Ruleset({ extends: [[rulesets.oas, 'recommended']] }));
    const problems = await linter.run(new spectral.Document(text, Json));
    expect(problems.map(({ code, message, path }) => `${code}: ${message} at ${path.join('.')}`)).toEqual([]);
  });

  it('has every route of the application, and no other', () => {
    const documented = Object.entries(served.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const api = [...routes]
      .filter((route) => !route.startsWith('HEAD') && !/ \/(docs|redoc|assets|openapi\.json)/.test(route))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(documented.toSorted()).toEqual(api.toSorted());
  });

  it('says of every operation what it is, what it takes and what it answers', () => {
    const ids = new Set<string>();
    for (const [path, item] of Object.entries(served.paths)) {
      for (const method of METHODS) {
        const operation = item[method];
        if (!operation) continue;
        const name = `${method} ${path}`;
        expect(operation, name).toMatchObject({
          summary: expect.stringMatching(/./),
          description: expect.stringMatching(/./),
          operationId: expect.stringMatching(/^[a-zA-Z]+$/),
          tags: [expect.stringMatching(/./)],
        });
        ids.add(operation.operationId ?? '');
        const statuses = Object.keys(operation.responses);
        expect(statuses, name).toEqual(expect.arrayContaining(['200', '400', '500', '503']));
        if (operation.requestBody) {
          expect(operation.requestBody, name).toMatchObject({ required: true });
          expect(statuses, name).toEqual(expect.arrayContaining(['413', '415', '422']));
        }
        const parameters = operation.parameters?.map((one) => ('name' in one ? one : undefined)) ?? [];
        for (const parameter of parameters) {
          expect(parameter, name).toMatchObject({
            description: expect.stringMatching(/./),
            schema: expect.anything(),
          });
        }
        expect(
          parameters.filter((one) => one?.in === 'path').map((one) => one?.name),
          name,
        ).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id));
      }
    }
    expect(ids.size).toBe(
      Object.values(served.paths).flatMap((item) => METHODS.filter((method) => item[method])).length,
    );
  });
});
