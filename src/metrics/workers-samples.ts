import type { Worker } from 'node:cluster';
import { createBirpc } from 'birpc';
import { type Samples, sumOf, totalsOf } from './samples.js';

/** One that does not tell its counts within this time is counted as when it told them last. */
const TELL_MS = 1_000;

/** What the parent asks of a worker. */
export interface WorkerSide {
  samples(): Samples;
}

/** What a worker asks of the parent. */
export interface ParentSide {
  sum(): Promise<Samples>;
}

interface Member {
  told: Samples;
  readonly tell: () => Promise<Samples>;
}

/**
 * In the parent: what its workers have counted, together. Whichever worker is asked for the metrics asks for this.
 *
 * A worker that has ended leaves its totals as it told them last: Prometheus takes a total that falls for one that has
 * begun anew, and would count those of the others twice.
 */
export class WorkersSamples {
  private readonly members = new Set<Member>();
  private ended: Samples = {};

  /** Counts a worker, which listens by now, until it ends. */
  add(worker: Worker): void {
    const rpc = createBirpc<WorkerSide, ParentSide>(
      { sum: () => this.sum() },
      {
        post: (message: object) => worker.send(message),
        on: (listen) => worker.on('message', listen),
        timeout: TELL_MS,
      },
    );
    const member: Member = { told: {}, tell: () => rpc.samples() };
    this.members.add(member);
    worker.once('exit', () => {
      rpc.$close();
      this.members.delete(member);
      this.ended = sumOf([this.ended, totalsOf(member.told)]);
    });
  }

  private async sum(): Promise<Samples> {
    const members = [...this.members];
    await Promise.all(
      members.map(async (member) => {
        member.told = await member.tell().catch(() => member.told);
      }),
    );
    return sumOf([this.ended, ...[...this.members].map(({ told }) => told)]);
  }
}
