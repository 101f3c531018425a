import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresProbe } from './probe.js';

describe('a probe of PostgreSQL', () => {
  const asked: string[] = [];
  let refusal: Error | undefined;
  const client = {
    query: async (sql: string) => {
      asked.push(sql);
      if (refusal && isFile(sql)) throw refusal;
      return { rows: [] };
    },
  } as unknown as PoolClient;
  const isFile = (sql: string) => sql.includes('generate_series');
  const count = (test: (sql: string) => boolean) => asked.filter(test).length;
  const isCommit = (sql: string) => sql.includes('pg_logical_emit_message');
  const newProbe = () => new PostgresProbe({ entityMetadatas: [] } as unknown as DataSource);

  beforeEach(() => {
    asked.length = 0;
    refusal = undefined;
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => void vi.useRealTimers());

  it('commits each time, and writes a file once in a while', async () => {
    const probe = newProbe();
    for (let n = 0; n < 5; n += 1) await probe.run(client);
    expect([count(isFile), count(isCommit)]).toEqual([1, 5]);
    vi.advanceTimersByTime(30_000);
    await probe.run(client);
    expect([count(isFile), count(isCommit)]).toEqual([2, 6]);
  });

  it('looks at a full disk each time, until there is room', async () => {
    const probe = newProbe();
    refusal = Object.assign(new Error('full'), { code: '53100' });
    for (let n = 0; n < 2; n += 1) await expect(probe.run(client)).rejects.toBe(refusal);
    expect([count(isFile), count(isCommit)]).toEqual([2, 0]);
    refusal = undefined;
    await probe.run(client);
    expect([count(isFile), count(isCommit)]).toEqual([3, 1]);
  });

  it('knows nothing of the disk where no such file is allowed', async () => {
    const probe = newProbe();
    refusal = Object.assign(new Error('temp_file_limit'), { code: '53400' });
    for (let n = 0; n < 2; n += 1) await probe.run(client);
    expect([count(isFile), count(isCommit)]).toEqual([1, 2]);
  });
});
