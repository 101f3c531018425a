import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Unit } from './unit-of-work.js';

/** One request's view of the database, or that of a job outside HTTP. */
export interface Session {
  /** The request's id, for the log. */
  readonly id: string;
  /** What the session is for, such as `POST /tasks`. */
  readonly name: string;
  /** The manager that statements run through: read-only, but inside a unit of work. */
  readonly manager: EntityManager;
  /** The unit of work that runs now, if any. */
  readonly unit?: Unit;
}

/**
 * Tells which session the code that runs now belongs to.
 *
 * The session travels in AsyncLocalStorage, so that services and repositories stay singletons; Nest's own
 * `Scope.REQUEST` would build them anew for each request (docs/adr/0002-sessions-not-request-scope.md).
 */
@Injectable()
export class Sessions {
  private readonly storage = new AsyncLocalStorage<Session>();

  constructor(private readonly reader: EntityManager) {}

  /** Opens a session and runs `work` in it. Requests have theirs already; a job or a test opens one so. */
  run<T>(id: string, name: string, work: () => T): T {
    return this.storage.run({ id, name, manager: this.reader }, work);
  }

  /** Runs `work` in a given session; how a unit of work puts its own manager in place. */
  enter<T>(session: Session, work: () => T): T {
    return this.storage.run(session, work);
  }

  /**
   * The session of the code that runs now.
   *
   * @throws Error outside a session, and in work that goes on after its unit of work has ended
   */
  get current(): Session {
    const session = this.storage.getStore();
    if (session === undefined) {
      throw new Error('No database session is open here: wrap this work in sessions.run(id, name, work).');
    }
    if (session.unit?.closed) {
      throw new Error(`The unit of work of ${session.name} has ended: await everything inside it.`);
    }
    return session;
  }
}
