import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../support/client.js';
import { freePort, newServer } from '../support/postgres.server.js';
import { startServer } from '../support/server.js';

describe('a PostgreSQL that goes away', () => {
  it('is 503 meanwhile, and the service recovers by itself with all that was acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'daybook-postgres-'));
    await chmod(folder, 0o755);
    const port = await freePort();
    const postgres = newServer(join(folder, 'data'), port);
    await postgres.initialise();
    await postgres.start();
    const server = await startServer({
      DATABASE_URL: `postgres://daybook:daybook@127.0.0.1:${port}/postgres`,
      WRITE_WAIT_MS: '2000',
    });
    const client = new Client(server.url, 4);
    expect((await client.post('/log', { message: 'before' })).status).toBe(200);

    await postgres.stop();
    const away = await Promise.all([
      client.post('/log', { message: 'meanwhile' }),
      client.get('/logs'),
      client.get('/tasks/1'),
      client.get('/health/ready'),
    ]);
    expect(away.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(away[0]?.body).toContain('urn:daybook:problem:database-unavailable');
    expect((await client.get('/health/live')).status).toBe(200);
    expect((await client.get('/info')).status).toBe(200);

    await postgres.start();
    expect((await client.post('/log', { message: 'after' })).status).toBe(200);
    expect((await client.get('/health/ready')).status).toBe(200);
    const { logs } = JSON.parse((await client.get('/logs')).body) as { logs: { message: string }[] };
    expect(logs.map(({ message }) => message)).toEqual(['before', 'after']);

    client.close();
    expect(await server.end('SIGTERM')).toEqual([0, null]);
    await postgres.stop();
    await rm(folder, { recursive: true });
  });
});
