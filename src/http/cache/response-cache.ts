import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { CacheConfig } from '../../config/cache.config.js';
import type { SessionDataSource } from '../../database/index.js';
import type { EntityClass, Tag } from './cache-options.js';

/** An answer as it is sent, the same for everybody who asks for it. */
export interface Answer {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a handler has given: something to send, and the answer made of it where others may have the same. */
export interface Outcome {
  readonly value: unknown;
  readonly answer?: Answer;
}

/** What is asked for, and how long its answer holds. */
export interface Question {
  readonly key: string;
  readonly tags: readonly Tag[];
  readonly ttlMs: number;
}

/** How an answer was come by. `bypass`: as if there were no cache. */
export type How = 'hit' | 'miss' | 'joined' | 'bypass';

export interface Found extends Outcome {
  readonly how: How;
  /** Milliseconds since the answer was begun. */
  readonly ageMs: number;
}

/** When an answer was begun: by the clock, and by the count of changes. */
interface Begin {
  readonly at: number;
  readonly change: number;
}

interface Kept extends Begin {
  readonly answer: Answer;
}

interface Flight extends Begin {
  readonly outcome: Promise<Outcome>;
}

/** A larger share of the cache no single answer gets. */
const LARGEST_SHARE = 1 / 8;

/** What an entry takes besides its texts, about. */
const ENTRY_BYTES = 512;

/**
 * Keeps answers in memory until something that they depend on changes, and lets those who ask for the same at once
 * share the work.
 *
 * Changes are counted. An answer holds as long as none of its tags has changed since the count at which it was begun,
 * so that what was read before a change is not kept after it (docs/adr/0013-response-cache.md).
 */
@Injectable()
export class ResponseCache {
  /** How many requests were answered how. */
  readonly counts: Record<How | 'failed', number> = { hit: 0, miss: 0, joined: 0, bypass: 0, failed: 0 };
  private readonly kept?: LRUCache<string, Kept>;
  private readonly flights = new Map<string, Flight>();
  private readonly lastChange = new Map<Tag, number>();
  private change = 0;

  constructor(
    { maxBytes }: CacheConfig,
    @InjectDataSource() private readonly dataSource: SessionDataSource,
  ) {
    if (maxBytes === 0) return;
    this.kept = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
      sizeCalculation: ({ answer }, key) => sizeOf(answer, key),
    });
  }

  /** How many answers are kept, and the memory they take, about. Those that hold no more count until they are replaced. */
  get size(): { entries: number; bytes: number } {
    return { entries: this.kept?.size ?? 0, bytes: this.kept?.calculatedSize ?? 0 };
  }

  /** Follows the commits that may change these entities. */
  watch(entities: Iterable<EntityClass>): void {
    this.dataSource.changes.watch(entities, (changed) => {
      for (const entity of changed) this.invalidate(entity);
    });
  }

  /** Ends all answers with this tag, those too that are being made. */
  invalidate(tag: Tag): void {
    this.lastChange.set(tag, (this.change += 1));
  }

  /**
   * The answer to a question: one that is kept, one that somebody is waiting for already, or what `work` gives.
   * An answer that is not for everybody is not shared: each who asks has its own work.
   *
   * @throws what `work` throws, to all who wait for it; that is not kept
   */
  async find(question: Question, work: () => Promise<Outcome>): Promise<Found> {
    try {
      const found = await this.findOrWork(question, work);
      this.counts[found.how] += 1;
      return found;
    } catch (error) {
      this.counts.failed += 1;
      throw error;
    }
  }

  /** Counts a request that the cache has nothing to do with. */
  bypass(): void {
    this.counts.bypass += 1;
  }

  private async findOrWork(question: Question, work: () => Promise<Outcome>): Promise<Found> {
    if (!this.kept || !(await this.isUpToDate(question.tags))) return this.alone('bypass', work);

    const kept = this.kept.get(question.key);
    if (kept && this.holds(question, kept)) return toFound('hit', kept, kept.at);

    const flight = this.flights.get(question.key);
    if (!flight || !this.holds(question, flight)) return this.begin(question, work, this.kept);
    const outcome = await flight.outcome;
    return outcome.answer ? toFound('joined', outcome, flight.at) : this.alone('miss', work);
  }

  private async isUpToDate(tags: readonly Tag[]): Promise<boolean> {
    return tags.every((tag) => typeof tag === 'string') || this.dataSource.changes.catchUp();
  }

  private holds({ tags, ttlMs }: Question, { at, change }: Begin): boolean {
    return performance.now() - at < ttlMs && tags.every((tag) => (this.lastChange.get(tag) ?? 0) <= change);
  }

  private async begin(
    question: Question,
    work: () => Promise<Outcome>,
    kept: LRUCache<string, Kept>,
  ): Promise<Found> {
    const begin = { at: performance.now(), change: this.change };
    const flight = { ...begin, outcome: work() };
    this.flights.set(question.key, flight);
    try {
      const outcome = await flight.outcome;
      if (outcome.answer && this.holds(question, begin)) {
        kept.set(question.key, { ...begin, answer: outcome.answer });
      }
      return toFound('miss', outcome, begin.at);
    } finally {
      // After a change there may be another by now.
      if (this.flights.get(question.key) === flight) this.flights.delete(question.key);
    }
  }

  private async alone(how: How, work: () => Promise<Outcome>): Promise<Found> {
    const at = performance.now();
    const { value } = await work();
    return toFound(how, { value }, at);
  }
}

function toFound(how: How, outcome: Partial<Outcome>, at: number): Found {
  return { value: undefined, ...outcome, how, ageMs: performance.now() - at };
}

function sizeOf({ body, headers }: Answer, key: string): number {
  const texts = [key, ...Object.entries(headers).flat()];
  return texts.reduce((sum, text) => sum + 2 * text.length, body.length + ENTRY_BYTES);
}
