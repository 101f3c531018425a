import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { freePort, newServer } from '../support/postgres.server.js';
import { mountSmallDisk } from '../support/small-disk.js';

/** Ready answers within this, whatever the database does. */
const READY_MS = 7_000;

const urlOf = (port: number) => `postgres://daybook:daybook@127.0.0.1:${port}/postgres`;

async function ask(port: number, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows as Record<string, unknown>[])
    .finally(() => client.end());
}

const start = (port: number) =>
  startApp('postgres', { database: { url: urlOf(port), drop: async () => undefined } });
const post = async ({ app }: TestApp, message: string) =>
  (await app.inject({ method: 'POST', url: '/log', payload: { message } })).statusCode;
/** A write that shares no statement with others. */
const postTask = async ({ app }: TestApp) =>
  (await app.inject({ method: 'POST', url: '/tasks/', payload: { name: 'x', done: false } })).statusCode;

async function readiness({ app }: TestApp): Promise<number> {
  const begin = Date.now();
  const { statusCode } = await app.inject('/health/ready');
  expect(Date.now() - begin).toBeLessThan(READY_MS);
  return statusCode;
}

describe('PostgreSQL', () => {
  it('is not ready while its disk is full, and writes again when there is room', async () => {
    const disk = mountSmallDisk(400 * 1_024);
    if (!disk) throw new Error('This user may not mount a disk.');
    await chmod(disk.folder, 0o755);
    const port = await freePort();
    const server = newServer(join(disk.folder, 'data'), port);
    await server.initialise();
    await server.start();
    const test = await start(port);
    expect([await post(test, 'before'), await readiness(test)]).toEqual([200, 200]);

    const filling = join(disk.folder, 'filling');
    execFileSync('sh', ['-c', `dd if=/dev/zero of=${filling} bs=64k 2>/dev/null || true`]);
    // Not each probe looks at the disk.
    await vi.waitFor(async () => expect(await readiness(test)).toBe(503), {
      timeout: 40_000,
      interval: 1_000,
    });
    const answers = [];
    // What cannot be compressed.
    for (let n = 0; n < 50; n += 1) answers.push(await post(test, randomBytes(20_000).toString('base64')));
    expect(answers).toContain(503);
    expect(answers).not.toContain(500);
    await rm(filling);
    expect([await readiness(test), await post(test, 'after')]).toEqual([200, 200]);

    await test.close();
    await server.stop();
    disk.remove();
  });

  it('loses no connection to a synchronous standby that is frozen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'daybook-standby-'));
    await chmod(folder, 0o755);
    const ports = { primary: await freePort(), standby: await freePort() };
    const primary = newServer(join(folder, 'primary'), ports.primary);
    const standby = newServer(join(folder, 'standby'), ports.standby);
    await primary.initialise();
    await primary.start();
    await primary.stop();
    execFileSync('cp', ['-a', join(folder, 'primary'), join(folder, 'standby')]);
    await writeFile(join(folder, 'standby', 'standby.signal'), '');
    await appendFile(
      join(folder, 'standby', 'postgresql.auto.conf'),
      `primary_conninfo = '${urlOf(ports.primary)}?application_name=frozen'\n`,
    );
    await primary.start();
    standby.start().catch(() => undefined);
    await ask(ports.primary, `ALTER SYSTEM SET synchronous_standby_names = 'frozen'`);
    await ask(ports.primary, 'SELECT pg_reload_conf()');
    const test = await start(ports.primary);
    await vi.waitFor(async () => expect(await post(test, 'before')).toBe(200), 30_000);
    expect(await readiness(test)).toBe(200);
    const [{ pid }] = (await ask(ports.standby, 'SELECT pid FROM pg_stat_wal_receiver')) as [{ pid: number }];

    process.kill(pid, 'SIGSTOP');
    const end = Date.now() + 40_000;
    const statuses = new Set<number>();
    let most = 0;
    const write = async () => {
      while (Date.now() < end) statuses.add(await postTask(test));
    };
    const watch = async () => {
      while (Date.now() < end) {
        const [{ count }] = (await ask(
          ports.primary,
          `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'`,
        )) as [{ count: string }];
        most = Math.max(most, Number(count));
        expect(await readiness(test)).toBe(503);
        await delay(200);
      }
    };
    await Promise.all([...Array.from({ length: 20 }, write), watch()]);
    expect([...statuses]).toEqual([503]);
    // Two pools of ten, the listener, and who asks here; those that are being cancelled besides.
    expect(most).toBeLessThanOrEqual(32);
    console.log(`At most ${most} connections in 40 s.`);

    process.kill(pid, 'SIGCONT');
    await vi.waitFor(async () => expect(await post(test, 'after')).toBe(200), 30_000);
    expect(await readiness(test)).toBe(200);
    await test.close();
    await Promise.all([standby.stop(), primary.stop()]);
    await rm(folder, { recursive: true });
  });
});
