import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** An address behind which the server can be changed, and connections can break. */
export interface TcpProxy {
  readonly port: number;
  /** Where new connections lead to; those that there are stay. */
  leadTo(port: number): void;
  /** Breaks the connection on which this is sent next, once the server has answered it and before the client has heard. */
  breakAfter(text: string): void;
  breakAll(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let broken: string | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isBroken = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (data) => {
      if (broken !== undefined && data.includes(broken)) {
        isBroken = true;
        broken = undefined;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => (isBroken ? end() : client.write(data)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => void (target = port),
    breakAfter: (text) => void (broken = text),
    breakAll,
    close: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
