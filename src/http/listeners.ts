import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as Listener, type Socket } from 'node:net';

/** The addresses that a host's clients may try. `localhost` often has one of IPv4 and one of IPv6. */
export async function addressesOf(host: string): Promise<[string, ...string[]]> {
  if (host !== 'localhost') return [host];
  const [first, ...others] = (await lookup(host, { all: true })).map(({ address }) => address);
  return [first ?? host, ...new Set(others.filter((address) => address !== first))];
}

/**
 * Has a server that listens take connections to other addresses, too, at its port. They are its own, with all that it does
 * to a connection and at its stop. Fastify would make another server for each address of `localhost`, without these.
 *
 * An address that this machine lacks, or whose port is taken, is passed over, as Fastify does it.
 */
export async function listenAlsoOn(server: Server, addresses: readonly string[]): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const bound = await Promise.all(addresses.map((host) => listenFor(server, host, port)));
  const listeners = bound.filter((one) => one !== undefined);
  if (listeners.length === 0) return;
  const closes = [server, ...listeners].map((one) => one.close.bind(one));
  // Who closes the server waits for the connections of all.
  server.close = (closed) => {
    const ends = closes.map((close) => new Promise<Error | undefined>((resolve) => close(resolve)));
    void Promise.all(ends).then(([error]) => closed?.(error));
    return server;
  };
}

function listenFor(server: Server, host: string, port: number): Promise<Listener | undefined> {
  // As node:http makes its own.
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  // Node documents this way to hand a connection to an HTTP server, which then tells the listener what the client did wrong.
  listener.on('connection', (socket: Socket) => server.emit('connection', socket));
  listener.on('clientError', (error: Error, socket: Socket) => server.emit('clientError', error, socket));
  return new Promise((resolve) => {
    listener.once('error', () => resolve(undefined));
    listener.listen({ host, port }, () => resolve(listener));
  });
}
