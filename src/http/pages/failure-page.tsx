import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem-details.filter.js';
import { type ProblemException, PROBLEMS } from '../problems.js';
import { addVary } from '../vary.js';
import { renderPage, renderPart } from './layout.js';
import { PAGE_HEADERS } from './page-headers.js';
import { VARY, wantedBy } from './wanted.js';

/** Sends a failure that no handler has met: a page to a browser, and to programs a problem document. */
export function sendFailure(reply: FastifyReply, problem: ProblemException, request: FastifyRequest): void {
  addVary(reply, VARY);
  // Some programs that write take HTML like anything else.
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && wantedBy(request.raw) === 'page') sendFailurePage(reply, problem, request);
  else sendProblem(reply, problem, request.id);
}

/** Sends a failure as a page for people, or as a part of one where htmx asks. */
export function sendFailurePage(
  reply: FastifyReply,
  problem: ProblemException,
  request: FastifyRequest,
): void {
  const { title } = PROBLEMS[problem.code];
  const part = <Failure problem={problem} />;
  const content = [<h1>{title}</h1>, part];
  void reply
    .code(problem.getStatus())
    .headers({ ...problem.headers, ...PAGE_HEADERS })
    .send(wantedBy(request.raw) === 'part' ? renderPart(part) : renderPage({ title, content }));
}

function Failure({ problem: { code, message, faults = [] } }: { problem: ProblemException }) {
  return (
    <div class="failure" role="alert">
      {/* The catalogue's text is the one that the originals' clients know. */}
      <p>{code === 'not-found' ? 'Daybook has nothing at this address.' : message}</p>
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
