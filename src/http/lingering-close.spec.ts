import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { write } from '../../test/support/raw-connections.js';
import { lingeringClose } from './lingering-close.js';

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
