import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { write } from '../../test/support/raw-connections.js';
import { fastify, type FastifyInstance } from 'fastify';
import { closeInStages, lingeringClose } from './lingering-close.js';

describe('a connection that is closed in stages', () => {
  let server: Server;
  let client: Socket;
  let socket: Socket;

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    client.on('error', () => undefined);
    [socket] = await accepted;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    client.destroy();
    server.close();
  });

  it('takes what still comes, until the client has closed it too', async () => {
    socket.write('an answer');
    lingeringClose(socket);
    await once(client.resume(), 'end');
    for (let n = 0; n < 10; n += 1) {
      await write(client, Buffer.alloc(1_000_000));
    }
    expect(socket.destroyed).toBe(false);
    const closed = once(socket, 'close');
    client.end();
    await closed;
  });

  it('is cut where the client goes on for ever', async () => {
    lingeringClose(socket);
    await once(client.resume(), 'end');
    vi.advanceTimersByTime(29_999);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(socket.destroyed).toBe(true);
  });

  it('is cut where nothing comes any more', () => {
    const timeout = vi.spyOn(socket, 'setTimeout');
    lingeringClose(socket);
    expect(timeout).toHaveBeenCalledWith(5_000, expect.any(Function));
    socket.emit('timeout');
    expect(socket.destroyed).toBe(true);
  });
});

describe('a server', () => {
  let server: FastifyInstance;
  beforeEach(async () => {
    server = fastify();
    closeInStages(server, 2);
    await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    vi.useRealTimers();
    server.server.closeAllConnections();
    await server.close();
  });

  /** A client that has its answer and has not sent its body; and this side of its connection. */
  async function answered(): Promise<{ client: Socket; socket: Socket }> {
    const accepted = once(server.server, 'connection') as Promise<[Socket]>;
    const { port } = server.server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
    await write(client, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    await once(client.resume(), 'end');
    return { client, socket: (await accepted)[0] };
  }

  it('soon cuts a client that still sends after its answer when it stops', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client, socket } = await answered();
    const closed = server.close();
    while (server.server.listening) await nextTurn();
    await write(client, 'x');
    vi.advanceTimersByTime(1_999);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(socket.destroyed).toBe(true);
    await closed;
  });

  it('cuts the oldest where too many still send after their answers', async () => {
    const all = [await answered(), await answered()];
    expect(all.map(({ socket }) => socket.destroyed)).toEqual([false, false]);
    all.push(await answered());
    expect(all.map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
    all[1]!.client.end();
    while (!all[1]!.socket.destroyed) await nextTurn();
    all.push(await answered());
    expect(all.map(({ socket }) => socket.destroyed)).toEqual([true, true, false, false]);
  });
});
