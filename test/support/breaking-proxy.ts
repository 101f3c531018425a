import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can be broken as networks break them. */
export interface BreakingProxy {
  readonly port: number;
  /** The port to which new connections lead. */
  target: number;
  /** Breaks one of them, by chance: at once, or after the server has taken what is sent next, so that its answer is lost. */
  breakOne(random: () => number): void;
  breakAll(): void;
  close(): void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What the server answers goes nowhere any more. */
  deaf: boolean;
}

/** Starts one on a free port of this machine, to another port of it. */
export async function startBreakingProxy(target: number): Promise<BreakingProxy> {
  const pairs = new Set<Pair>();
  const end = (pair: Pair): void => {
    pairs.delete(pair);
    // Not end(): the peers are to see a connection that broke.
    for (const socket of [pair.client, pair.server]) if (!socket.destroyed) socket.resetAndDestroy();
  };
  const server = createServer((client) => {
    const pair: Pair = { client, server: connect(proxy.target, '127.0.0.1'), deaf: false };
    pairs.add(pair);
    client.on('data', (bytes) => pair.server.write(bytes));
    pair.server.on('data', (bytes) => (pair.deaf ? end(pair) : client.write(bytes)));
    for (const socket of [client, pair.server]) {
      socket.on('error', () => undefined).on('close', () => end(pair));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: BreakingProxy = {
    port: (server.address() as { port: number }).port,
    target,
    breakOne(random) {
      const pair = [...pairs][Math.floor(random() * pairs.size)];
      if (!pair) return;
      if (random() < 0.5) end(pair);
      else pair.deaf = true;
    },
    breakAll() {
      for (const pair of pairs) end(pair);
    },
    close() {
      server.close();
      proxy.breakAll();
    },
  };
  return proxy;
}
