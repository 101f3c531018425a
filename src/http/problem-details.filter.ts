import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUnavailable } from '../database/index.js';
import { SnapshotOffError } from '../snapshot/snapshots.js';
import { PROBLEMS, type ProblemCode, ProblemException, problemOf } from './problems.js';

/** Answers every failure, ours, Nest's, Fastify's or the database's, with a problem details document. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Error');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // A body that breaks off is the client's doing, though its error reads like that of a lost database.
    const problem = isBrokenOff(error, request)
      ? new ProblemException('malformed-request')
      : toProblem(error);
    // The start has told why search is off.
    if (problem.getStatus() >= 500 && problem.code !== 'search-off') this.log(error, request);
    if (reply.sent || reply.raw.headersSent) return;
    this.send(reply, problem, request);
  }

  /** Writes the answer. */
  protected send(reply: FastifyReply, problem: ProblemException, request: FastifyRequest): void {
    sendProblem(reply, problem, request.id);
  }

  private log(error: unknown, request: FastifyRequest): void {
    // Not the error itself: TypeORM hangs the SQL and its parameters on it, which hold what people wrote.
    const text = error instanceof Error ? `${error.stack ?? error.message}${causeOf(error)}` : String(error);
    this.logger.error({
      id: request.id,
      route: `${request.method} ${request.routeOptions.url}`,
      error: text,
    });
  }
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` Cause: ${cause.message}` : '';
}

function isBrokenOff(error: unknown, { raw }: FastifyRequest): boolean {
  return !raw.complete && (error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET';
}

/** Sends a failure as application/problem+json (RFC 9457). */
export function sendProblem(reply: FastifyReply, problem: ProblemException, requestId: string): void {
  void reply
    .code(problem.getStatus())
    .headers(problem.headers)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(problemOf(problem.code, requestId, problem.faults, problem.members))));
}

/** Names the failure in the catalogue that an error stands for. */
export function toProblem(error: unknown): ProblemException {
  if (error instanceof ProblemException) return error;
  if (error instanceof SnapshotOffError) return new ProblemException('search-off');
  if (isUnavailable(error)) {
    const isUnknown = (error as Error).name === 'OutcomeUnknownError';
    return new ProblemException(isUnknown ? 'outcome-unknown' : 'database-unavailable');
  }
  const status = statusOf(error);
  const code = (Object.keys(PROBLEMS) as ProblemCode[]).find((key) => PROBLEMS[key].status === status);
  // Another client error has no entry of its own; all that is left is ours.
  return new ProblemException(
    code ?? (status >= 400 && status < 500 ? 'malformed-request' : 'internal-error'),
  );
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}
