import { Client } from '../support/client.js';
import { createDatabase, engines } from '../support/databases.js';
import { startServer } from '../support/server.js';

describe.each(engines)('several processes on one %s database', (engine) => {
  it('take 1,000 posts from 100 clients: 1,000 rows and no error', async () => {
    const database = await createDatabase(engine);
    const servers = await Promise.all(
      Array.from({ length: 4 }, () => startServer({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '5' })),
    );
    const clients = servers.map(({ url }) => new Client(url, 25));
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => clients[n % 4]!.post('/log', { message: `entry ${n}` })),
    );
    expect(answers.filter((answer) => answer?.status !== 200)).toEqual([]);

    const { logs } = JSON.parse((await clients[0]?.get('/logs'))?.body ?? '') as {
      logs: { id: number; message: string }[];
    };
    expect(new Set(logs.map(({ message }) => message)).size).toBe(1_000);
    expect(new Set(logs.map(({ id }) => id)).size).toBe(1_000);
    for (const client of clients) client.close();
    const ends = await Promise.all(servers.map((server) => server.end('SIGTERM')));
    expect(ends).toEqual(Array(4).fill([0, null]));
    await database.drop();
  });
});
