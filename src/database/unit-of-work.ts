import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Sessions } from './sessions.js';

/** One run of a unit of work. */
export class Unit {
  /** No statement may run in it any more. */
  closed = false;
  /** Why a nested call failed: then the whole unit does, even where the caller has caught the error. */
  failure?: { readonly error: unknown };
  readonly afterCommit: (() => unknown)[] = [];
}

/** What the engine runs: it is called again, from the start, where the database asks for a retry. */
export interface UnitRun<T> {
  /** For the log, such as `POST /tasks (id)`. */
  readonly name: string;
  /** It is one statement, which the database keeps whole without any help. */
  readonly single?: boolean;
  attempt(manager: EntityManager): Promise<T>;
  /** Called when an attempt is given up, so that nothing of it can run a statement later. */
  abandon(): void;
}

/** How one engine commits units of work. */
export abstract class UnitRunner {
  /**
   * Runs a unit alone in a transaction. Resolves once what it wrote is durable.
   *
   * @throws what the unit throws, after its writes are undone, or a DatabaseUnavailableError
   */
  abstract run<T>(unit: UnitRun<T>): Promise<T>;

  /** Writes something harmless, durably. @throws where the database takes no writes now */
  abstract probe(): Promise<void>;

  /** Finishes what has begun and takes nothing more. */
  abstract close(): Promise<void>;
}

/**
 * The only way to write: all of it is kept, or nothing.
 *
 * Keep slow things (hashing, parsing, the network) outside: on SQLite one unit runs at a time. On PostgreSQL the
 * whole of `work` may run more than once.
 */
@Injectable()
export class UnitOfWork {
  private readonly logger = new Logger(UnitOfWork.name);

  constructor(
    private readonly sessions: Sessions,
    private readonly runner: UnitRunner,
  ) {}

  /**
   * Runs `work` with repositories that write. Resolves once the commit is durable.
   *
   * A call inside another joins it: there is one commit, at the end of the outermost.
   * @param options `single`: `work` is one statement, such as an update by id. PostgreSQL need not look then for what
   * others read and write meanwhile, nor run it again
   * @throws what `work` throws, or that a single unit has run a second statement; nothing is kept then
   */
  async run<T>(work: () => Promise<T>, { single }: { single?: boolean } = {}): Promise<T> {
    const session = this.sessions.current;
    if (session.unit) return this.join(session.unit, work);

    let unit = new Unit();
    const attempt = async (manager: EntityManager): Promise<T> => {
      const own = (unit = new Unit());
      try {
        const result = await this.sessions.enter({ ...session, manager, unit: own }, work);
        if (own.failure) throw own.failure.error;
        return result;
      } finally {
        own.closed = true;
      }
    };
    const abandon = (): void => {
      unit.closed = true;
    };
    const result = await this.runner.run({
      name: `${session.name} (${session.id})`,
      single,
      attempt,
      abandon,
    });
    for (const callback of unit.afterCommit) await this.callBack(callback);
    return result;
  }

  /**
   * Calls `callback` once the unit of work that runs now is durable; never, if it fails.
   * The data is safe by then, so an error of the callback is logged and not thrown.
   */
  afterCommit(callback: () => unknown): void {
    const { unit } = this.sessions.current;
    if (!unit) throw new Error('afterCommit() needs a unit of work: call it inside unitOfWork.run(work).');
    unit.afterCommit.push(callback);
  }

  private async join<T>(unit: Unit, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // PostgreSQL has given the transaction up by now; on SQLite half of `work` would be kept.
      unit.failure ??= { error };
      throw error;
    }
  }

  private async callBack(callback: () => unknown): Promise<void> {
    try {
      await callback();
    } catch (error) {
      this.logger.error(error);
    }
  }
}
