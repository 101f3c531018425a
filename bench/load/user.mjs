/** How long a user waits for an answer: longer than Daybook lets anybody wait. */
export const PATIENCE_SECONDS = 15;

/** How soon a user tries again who was not let in. autocannon itself would at once, and fill the report with it. */
const RETRY_MS = 100;

const REASONS = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'connection timed out',
  EMFILE: 'too many files open here: fewer --users',
  EADDRNOTAVAIL: 'no ports left here: fewer --users',
};

/**
 * Makes a user of one of autocannon's clients: it sends what `next` draws, `{ endpoint, request }`, and the next when
 * that is answered. Each request is told to the tally once, by its own endpoint and time: autocannon takes a request
 * whose connection was closed for the one that is answered next, and says nothing of it.
 *
 * Answers a function that says whether an answer is still due.
 */
export function becomeUser(client, next, tally) {
  let open;
  let closing = false;
  const fail = (kind) => {
    if (open && !open.lost) tally.fail(open.endpoint, kind);
    open = undefined;
  };
  const begin = () => {
    // With an answer still due, it has lost the connection or its patience.
    if (open) {
      const waited = performance.now() - open.since >= PATIENCE_SECONDS * 1_000 - 10;
      fail(waited ? `no answer within ${PATIENCE_SECONDS} s` : 'connection closed without an answer');
    }
    const { endpoint, request } = next();
    // autocannon sends on, over a connection that the server has said it would close. That is no failure of the server.
    open = { endpoint, since: performance.now(), lost: closing };
    closing = false;
    return request;
  };

  client.on('headers', ({ statusCode, shouldKeepAlive }) => {
    closing = !shouldKeepAlive;
    if (open) open.status = statusCode;
  });
  // What comes is the whole chunk, not the body alone: the problem's name is searched for in it.
  client.on('body', (chunk) => {
    if (open?.status >= 300) open.problem ??= /"urn:daybook:problem:([a-z-]{1,40})"/.exec(chunk)?.[1];
  });
  client.on('response', (status) => {
    if (!open) return;
    if (status >= 200 && status < 300) tally.succeed(open.endpoint, performance.now() - open.since);
    else fail(open.problem ? `${status} ${open.problem}` : String(status));
    open = undefined;
  });
  let refused = false;
  client.on('connError', ({ code }) => {
    fail(REASONS[code] ?? code ?? 'connection failed');
    refused = true;
  });
  connectCleanly(client, () => {
    const wait = refused ? RETRY_MS : 0;
    refused = false;
    return wait;
  });
  // A list can be larger than a string may be.
  client.pipelinedRequests.addBody = () => undefined;
  client.setRequests([{ setupRequest: (defaults) => ({ ...defaults, ...begin() }) }]);
  return () => open !== undefined && !open.lost;
}

/**
 * Leaves nothing of a connection behind when the next is opened. autocannon leaves its listeners, so that a client
 * whose old socket fails later has two connections from then on, and half an answer in its parser.
 */
function connectCleanly(client, waitMs) {
  /* oxlint-disable no-underscore-dangle -- autocannon's own names */
  const connect = client._connect.bind(client);
  client._connect = () => {
    if (client.conn) client._destroyConnection();
    client.parser.initialize('RESPONSE');
    const wait = waitMs();
    if (wait === 0) connect();
    else setTimeout(() => client.destroyed || connect(), wait);
  };
}
