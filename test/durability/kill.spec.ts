import { Client } from '../support/client.js';
import { createDatabase, engines } from '../support/databases.js';
import { startServer } from '../support/server.js';

const ROUNDS = { sqlite: 20, postgres: 6 };
const CONNECTIONS = 8;

describe.each(engines)('SIGKILL on %s', (engine) => {
  const rounds = ROUNDS[engine];

  it(`loses nothing that was acknowledged, ${rounds} times`, async () => {
    const database = await createDatabase(engine);
    const acknowledged = { logs: new Set<string>(), notes: new Map<number, string>() };
    for (let round = 0; round < rounds; round += 1) {
      const server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
      const client = new Client(server.url, CONNECTIONS);
      const killAfter = 20 + Math.floor(Math.random() * 200);
      let answers = 0;
      const post = async (connection: number) => {
        for (let n = 0; ; n += 1) {
          const text = `${round}-${connection}-${n}`;
          // An error means that the server is gone; what it was about to answer may be kept or not.
          const log = await client.post('/log', { message: text });
          expect(log.status).toBe(200);
          acknowledged.logs.add(text);
          const note = await client.post('/notes', { text, completed: false });
          expect(note.status).toBe(200);
          acknowledged.notes.set((JSON.parse(note.body) as { id: number }).id, text);
          answers += 2;
          if (answers >= killAfter) server.process.kill('SIGKILL');
        }
      };
      const ends = await Promise.allSettled(Array.from({ length: CONNECTIONS }, (_, n) => post(n)));
      for (const end of ends) expect((end as PromiseRejectedResult).reason.code).toMatch(/ECONN|EPIPE/);
      client.close();
    }

    const server = await startServer({ DATABASE_URL: database.url });
    const client = new Client(server.url, 1);
    const { logs } = JSON.parse((await client.get('/logs')).body) as {
      logs: { id: number; message: string }[];
    };
    const notes = JSON.parse((await client.get('/notes/all')).body) as { id: number; text: string }[];
    client.close();
    await server.end('SIGTERM');
    await database.drop();

    expect(acknowledged.logs.size).toBeGreaterThan(rounds * 10);
    const kept = new Set(logs.map(({ message }) => message));
    expect([...acknowledged.logs].filter((message) => !kept.has(message))).toEqual([]);
    const texts = new Map(notes.map(({ id, text }) => [id, text]));
    expect([...acknowledged.notes].filter(([id, text]) => texts.get(id) !== text)).toEqual([]);
    expect(new Set(logs.map(({ id }) => id)).size).toBe(logs.length);
    expect(texts.size).toBe(notes.length);
  });
});
