import type { QueryRunner } from 'typeorm';
import { afterCommit } from './places.js';
import { type OpenTransaction, RunnerTransaction, transactionOf } from './runner-transaction.js';
import type { SessionDataSource } from './session-data-source.js';
import { Transaction } from './transaction.js';

describe('RunnerTransaction', () => {
  let log: string[];
  let runner: { isTransactionActive: boolean; transactionDepth: number };
  let opened: Transaction[];
  let failures: Partial<Record<'begin' | 'commit', Error>>;
  let own: RunnerTransaction;

  const newTransaction = () =>
    new Transaction(
      {
        subscribers: [],
        changes: { tablesWrittenBy: () => [] },
        engine: { isImmediate: false, endsTransaction: () => false },
      } as unknown as SessionDataSource,
      () => runner as unknown as QueryRunner,
    );
  const begin = async (sql: string): Promise<OpenTransaction> => {
    log.push(`begin: ${sql}`);
    if (failures.begin) throw failures.begin;
    const transaction = newTransaction();
    opened.push(transaction);
    return {
      transaction,
      commit: async () => {
        log.push('commit');
        if (failures.commit) throw failures.commit;
      },
      rollback: async () => void log.push('rollback'),
    };
  };
  beforeEach(() => {
    log = [];
    opened = [];
    failures = {};
    runner = { isTransactionActive: false, transactionDepth: 0 };
    own = new RunnerTransaction(runner, begin);
  });

  const statement = (sql: string, on = own) =>
    on.statement(
      sql,
      async () => {
        log.push(`inside: ${sql}`);
        return 'inside';
      },
      async () => {
        log.push(`outside: ${sql}`);
        return 'outside';
      },
    );

  it('runs statements outside, until a transaction begins and after it has ended', async () => {
    expect(own.current).toBeUndefined();
    expect(await statement('SELECT 1')).toBe('outside');
    expect(await statement('START TRANSACTION')).toBeUndefined();
    expect(own.current).toBe(opened[0]);
    expect(await statement('SELECT 2')).toBe('inside');
    await statement('COMMIT');
    expect(own.current).toBeUndefined();
    expect(await statement('SELECT 3')).toBe('outside');
    await statement('BEGIN TRANSACTION');
    expect(own.current).toBe(opened[1]);
    await statement('ROLLBACK');
    expect(await statement('SELECT 4')).toBe('outside');
    expect(log).toEqual([
      ...['outside: SELECT 1', 'begin: START TRANSACTION', 'inside: SELECT 2', 'commit', 'outside: SELECT 3'],
      ...['begin: BEGIN TRANSACTION', 'rollback', 'outside: SELECT 4'],
    ]);
  });

  it('nests by the savepoints of TypeORM', async () => {
    await statement('BEGIN');
    const { innermost } = enterLevel(opened[0]!);
    await statement('SAVEPOINT typeorm_1');
    expect(enterLevel(opened[0]!).innermost).not.toBe(innermost);
    await statement('RELEASE SAVEPOINT typeorm_1');
    expect(enterLevel(opened[0]!).innermost).toBe(innermost);
    await statement('SAVEPOINT typeorm_1');
    await statement('ROLLBACK TO SAVEPOINT typeorm_1');
    expect(enterLevel(opened[0]!).innermost).toBe(innermost);
    expect(log.filter((line) => line.startsWith('inside'))).toHaveLength(4);
  });

  it('takes savepoints outside a transaction, and those of others, for statements', async () => {
    expect(await statement('SAVEPOINT typeorm_1')).toBe('outside');
    await statement('BEGIN');
    const { innermost } = enterLevel(opened[0]!);
    expect(await statement('SAVEPOINT mine')).toBe('inside');
    expect(enterLevel(opened[0]!).innermost).toBe(innermost);
  });

  it('refuses a second begin, and an end of nothing', async () => {
    await expect(statement('COMMIT')).rejects.toThrow('The query runner has no transaction.');
    await expect(statement('rollback;')).rejects.toThrow('The query runner has no transaction.');
    await statement('BEGIN');
    await expect(statement('BEGIN')).rejects.toThrow('The query runner has a transaction already');
    expect(own.current).toBe(opened[0]);
    expect(opened).toHaveLength(1);
  });

  it('has none where it could not begin, and has TypeORM know that', async () => {
    failures.begin = new Error('no turn');
    runner.isTransactionActive = true;
    await expect(statement('BEGIN TRANSACTION')).rejects.toThrow('no turn');
    expect([own.current, runner.isTransactionActive]).toEqual([undefined, false]);
    failures = {};
    await statement('BEGIN TRANSACTION');
    expect(own.current).toBe(opened[0]);
  });

  it('keeps one whose commit failed, until it is rolled back', async () => {
    failures.commit = new Error('no');
    await statement('BEGIN');
    afterCommitIn(opened[0]!, () => log.push('called'));
    await expect(statement('COMMIT')).rejects.toThrow('no');
    expect(own.current).toBe(opened[0]);
    await statement('ROLLBACK');
    expect(own.current).toBeUndefined();
    expect(log).toEqual(['begin: BEGIN', 'commit', 'rollback']);
  });

  it('calls those who wait for the commit when it is through', async () => {
    await statement('BEGIN');
    afterCommitIn(opened[0]!, () => log.push(`called, in ${own.current ? 'one' : 'none'}`));
    await statement('COMMIT');
    expect(log).toEqual(['begin: BEGIN', 'commit', 'called, in none']);
  });

  it('rolls back what is open when the query runner is released, and nothing otherwise', async () => {
    await own.release();
    await statement('BEGIN');
    Object.assign(runner, { isTransactionActive: true, transactionDepth: 2 });
    await own.release();
    expect([own.current, runner]).toEqual([undefined, { isTransactionActive: false, transactionDepth: 0 }]);
    await own.release();
    expect(log).toEqual(['begin: BEGIN', 'rollback']);
  });

  describe('of a query runner that was made for a transaction', () => {
    let given: Transaction;
    let made: RunnerTransaction;
    beforeEach(() => {
      given = newTransaction();
      made = new RunnerTransaction(runner, begin, given);
    });

    it('is that one, and has TypeORM nest in it', async () => {
      expect(made.current).toBe(given);
      expect(runner).toEqual({ isTransactionActive: true, transactionDepth: 1 });
      expect(await statement('SELECT 1', made)).toBe('inside');
      expect(await statement('SAVEPOINT typeorm_1', made)).toBe('inside');
    });

    it.each([['BEGIN'], ['COMMIT'], ['ROLLBACK'], ['end']])('is not ended or begun by %s', async (sql) => {
      await expect(statement(sql, made)).rejects.toThrow(
        'A transaction that transaction(work) has begun ends when work does: return, or throw.',
      );
      expect(log).toEqual([]);
      expect(await statement('SELECT 1', made)).toBe('inside');
    });

    it('is left to who made it when the query runner is released', async () => {
      await made.release();
      expect(made.current).toBe(given);
      expect(log).toEqual([]);
    });
  });

  it('is found by its query runner', async () => {
    const withIt = { ...runner, transaction: own } as unknown as QueryRunner;
    expect(transactionOf(withIt)).toBeUndefined();
    await statement('BEGIN');
    expect(transactionOf(withIt)).toBe(opened[0]);
  });
});

function enterLevel(transaction: Transaction) {
  return transaction.enter(() => (transaction as unknown as { root: { innermost: object } }).root);
}

function afterCommitIn(transaction: Transaction, callback: () => unknown): void {
  transaction.enter(() => afterCommit(callback));
}
