import { Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemDetailsFilter } from '../problem-details.filter.js';
import { type ProblemException, PROBLEMS } from '../problems.js';
import { renderPage, renderPart } from './layout.js';
import { PAGE_HEADERS } from './page-headers.js';

/** Answers the failures of pages with a page for people, and those of parts with a part. */
@Catch()
export class PageFailureFilter extends ProblemDetailsFilter {
  protected override send(reply: FastifyReply, problem: ProblemException, request: FastifyRequest): void {
    const { title } = PROBLEMS[problem.code];
    const part = <Failure problem={problem} />;
    const content = [<h1>{title}</h1>, part];
    void reply
      .code(problem.getStatus())
      .headers({ ...problem.headers, ...PAGE_HEADERS })
      .send(request.headers['hx-request'] === undefined ? renderPage({ title, content }) : renderPart(part));
  }
}

function Failure({ problem: { message, faults = [] } }: { problem: ProblemException }) {
  return (
    <div class="failure" role="alert">
      <p>{message}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map(({ loc, msg }) => (
            <li>
              <code>{loc.at(-1)}</code>: {msg}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
