import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresChanges } from './changes.js';

/** A connection whose statements are answered when the test says so. */
class HeldClient {
  readonly listeners = new Map<string, (value: unknown) => void>();
  readonly held: (() => void)[] = [];
  readonly end = vi.fn<() => Promise<void>>(async () => undefined);

  on(event: string, listener: (value: unknown) => void): this {
    this.listeners.set(event, listener);
    return this;
  }

  async connect(): Promise<void> {}

  async query(sql: string): Promise<void> {
    if (sql === '') await new Promise<void>((resolve) => this.held.push(resolve));
  }
}

describe('PostgresChanges', () => {
  const clients: HeldClient[] = [];
  let changes: PostgresChanges;
  beforeEach(() => {
    clients.length = 0;
    changes = new PostgresChanges({ options: {} } as DataSource, () => {
      const client = new HeldClient();
      clients.push(client);
      return client as unknown as pg.Client;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  const held = (client: number, statements: number) =>
    vi.waitUntil(() => clients[client]?.held.length === statements, { interval: 1 });

  it('has heard of nothing that was committed after its question was sent: the next are asked again', async () => {
    const first = changes.catchUp();
    await held(0, 1);
    let isLater = false;
    const later = changes.catchUp().then((heard) => (isLater = heard));
    const shared = changes.catchUp();
    clients[0]?.held[0]?.();
    expect(await first).toBe(true);
    await held(0, 2);
    await nextTurn();
    expect(isLater).toBe(false);
    clients[0]?.held[1]?.();
    expect(await later).toBe(true);
    expect(await shared).toBe(true);
    // One for both who asked meanwhile.
    expect(clients[0]?.held).toHaveLength(2);
  });

  it('keeps its connection when one that it has given up fails once more', async () => {
    const first = changes.catchUp();
    await held(0, 1);
    clients[0]?.listeners.get('error')?.(new Error('It is broken.'));
    clients[0]?.held[0]?.();
    await first;
    const second = changes.catchUp();
    await held(1, 1);
    clients[1]?.held[0]?.();
    expect(await second).toBe(true);
    clients[0]?.listeners.get('error')?.(new Error('It is still broken.'));
    const third = changes.catchUp();
    await held(1, 2);
    clients[1]?.held[1]?.();
    expect(await third).toBe(true);
    expect(clients).toHaveLength(2);
    expect(clients[0]?.end).toHaveBeenCalled();
    expect(clients[1]?.end).not.toHaveBeenCalled();
  });
});
