import { BlockList, isIP } from 'node:net';

const PATIENCE_MS = 5_000;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The server's origin, such as `http://127.0.0.1:8000`.
 *
 * @throws Error with a sentence where the text is none
 */
export function readHost(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(`"${text}" is no address of a server: write it as http://127.0.0.1:8000.`);
  }
  if (url.href !== `${url.origin}/`) {
    throw new Error('It takes the scheme, the host and the port only, as in http://127.0.0.1:8000.');
  }
  return url.origin;
}

/** Whether an origin is this machine itself. */
export function isLoopback(origin) {
  const host = new URL(origin).hostname.replaceAll(/^\[|\]$/g, '');
  const family = isIP(host);
  return family ? loopback.check(host, `ipv${family}`) : host === 'localhost';
}

/**
 * Makes sure that a Daybook answers. Answers the version of its API.
 *
 * @throws Error with a sentence where none does
 */
export async function identify(origin, signal) {
  let response;
  try {
    response = await fetch(`${origin}/openapi.json`, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const { info } = await response.json();
    if (response.ok && info.title === 'Daybook') return String(info.version);
  } catch (error) {
    signal.throwIfAborted();
    if (!response) throw new Error(`No server answers at ${origin}: ${reasonOf(error)}`, { cause: error });
  }
  throw new Error(`What answers at ${origin} is no Daybook: its /openapi.json is not Daybook's.`);
}

function reasonOf({ name, cause }) {
  // Where a name has several addresses, each has failed by itself.
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  if (name === 'TimeoutError') return `nothing came within ${PATIENCE_MS / 1_000} s.`;
  if (code === 'ECONNREFUSED') return 'nobody listens there. Start it with "npm start", or set --host.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no host of this name.';
  return `${code ?? cause?.message ?? name}.`;
}
