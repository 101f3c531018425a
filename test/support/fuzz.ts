import { once } from 'node:events';
import { Agent, type IncomingMessage, request as newRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { OpenAPIObject } from '@nestjs/swagger';
import fc from 'fast-check';
import { inject } from 'vitest';
import { createDatabase, type Engine } from './databases.js';
import { AnswerCheck, type FuzzAnswer } from './openapi-answers.js';
import { type FuzzRequest, requestsOf } from './openapi-requests.js';
import { startServer } from './server.js';

/** Requests on one database: what lists grow to is bounded so. */
const ROUND = 10_000;
const SAMPLE = 500;
/** As many as may send bodies for all or nothing at once: more would be told that it is busy. */
const AT_ONCE = 2;
const LIMIT_MS = 60_000;

export interface FuzzReport {
  requests: number;
  /** How many requests were answered with a status. */
  readonly statuses: Record<string, number>;
  /** By what was wrong and where: how often, and the first request. */
  readonly faults: Map<string, { count: number; readonly first: unknown }>;
}

/** Asks a service, in a process of its own, what its OpenAPI document describes, and compares the answers with it. */
export async function fuzz(
  engine: Engine,
  { requests, seed, settings = {} }: { requests: number; seed: number; settings?: Record<string, string> },
): Promise<FuzzReport> {
  const report: FuzzReport = { requests: 0, statuses: {}, faults: new Map() };
  for (let round = 0; report.requests < requests; round += 1) {
    await fuzzOnce(
      engine,
      settings,
      report,
      Math.min(ROUND, requests - report.requests),
      seed + round * ROUND,
    );
  }
  return report;
}

async function fuzzOnce(
  engine: Engine,
  settings: Record<string, string>,
  report: FuzzReport,
  requests: number,
  seed: number,
): Promise<void> {
  const database = await createDatabase(engine);
  const server = await startServer({
    DATABASE_URL: database.url,
    SLOW_USERS_SECONDS: '0',
    SEARCH_FILE: inject('searchFile'),
    LOG_FORMAT: 'json',
    ...settings,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenAPIObject;
    const check = new AnswerCheck(document);
    const arbitrary = requestsOf(document);
    for (let done = 0; done < requests; done += SAMPLE) {
      const sample = fc.sample(arbitrary, { numRuns: Math.min(SAMPLE, requests - done), seed: seed + done });
      const all = sample.values();
      const ask = async (): Promise<void> => {
        for (const request of all) await askOne(server.url, agent, request, check, report);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, ask));
      if (server.process.exitCode !== null) break;
    }
    const alive = server.process.exitCode === null && server.process.signalCode === null;
    if (!alive) add(report, 'the process ended', server.output.slice(-20));
    else {
      const [code, signal] = await server.end('SIGTERM');
      if (code !== 0) add(report, `the process stopped with ${signal ?? code}`, server.output.slice(-20));
    }
    const errors = server.output.filter((line) => /"level":"?(error|fatal|50|60)\b|\bERROR\b/.test(line));
    if (errors.length > 0) add(report, 'the log has errors', errors.slice(0, 3));
  } finally {
    agent.destroy();
    if (server.process.exitCode === null) server.process.kill('SIGKILL');
    await database.drop();
  }
}

async function askOne(
  base: string,
  agent: Agent,
  request: FuzzRequest,
  check: AnswerCheck,
  report: FuzzReport,
): Promise<void> {
  report.requests += 1;
  const { method, operation, url } = request;
  const where = `${method} ${operation?.path ?? url.slice(0, 40)}`;
  try {
    const answer = await send(base, agent, request);
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
    const fault = check.faultOf(request, answer);
    if (fault)
      add(report, `${where}: ${fault}`, {
        ...request,
        operation: undefined,
        answer: answer.body.slice(0, 500),
      });
  } catch (error) {
    add(report, `${where}: ${String(error)}`, { ...request, operation: undefined });
  }
}

async function send(
  base: string,
  agent: Agent,
  { method, url, headers, body, chunked }: FuzzRequest,
): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(base);
  const signal = AbortSignal.timeout(LIMIT_MS);
  const request = newRequest({ method, hostname, port, path: url, headers, agent, signal });
  if (body !== undefined && chunked) request.setHeader('transfer-encoding', 'chunked');
  else if (body !== undefined) request.setHeader('content-length', Buffer.byteLength(body));
  else if (method !== 'GET' && method !== 'HEAD') request.setHeader('content-length', 0);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const status = response.statusCode ?? 0;
  const type = (response.headers['content-type'] ?? '').split(';')[0]!;
  if (type !== 'text/event-stream') return { status, type, body: await text(response) };
  // It has no end: what comes first is enough.
  if (method !== 'HEAD') await once(response, 'data');
  request.destroy();
  return { status, type, body: '' };
}

/** What was wrong, a line for each kind of it. */
export function faultLines({ faults }: FuzzReport): string[] {
  return [...faults].map(([kind, { count, first }]) => `${count} x ${kind}: ${JSON.stringify(first)}`);
}

function add({ faults }: FuzzReport, kind: string, first: unknown): void {
  const known = faults.get(kind);
  if (known) known.count += 1;
  else faults.set(kind, { count: 1, first });
}
