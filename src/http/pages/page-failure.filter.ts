import { Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemDetailsFilter } from '../problem-details.filter.js';
import type { ProblemException } from '../problems.js';
import { sendFailurePage } from './failure-page.js';

/** Answers the failures of pages with a page for people, and those of parts with a part. */
@Catch()
export class PageFailureFilter extends ProblemDetailsFilter {
  protected override send(reply: FastifyReply, problem: ProblemException, request: FastifyRequest): void {
    sendFailurePage(reply, problem, request);
  }
}
