import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { WorkersSamples } from './metrics/workers-samples.js';

/** The wait before a worker is replaced. It doubles with each one that did not live long, as in a crash loop. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
const LONG_LIFE_MS = 60_000;

/** How long a worker sleeps where its connections become more. The system makes some 60 µs of it. */
const NAP_MS = 0.01;
const MEMORY_MS = 10_000;

/** What a worker tells its parent: where it listens, or in one sentence why it cannot. */
type Report = { readonly url: string } | { readonly failure: string };

/** A worker could not start. The message is for the person who started the service. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/**
 * The processes that serve on one port. They accept from one listening socket, which this process, their parent, keeps
 * for them (node:cluster). It serves nothing itself, and replaces those that end.
 */
export class Workers {
  private readonly running = new Set<Worker>();
  private readonly samples = new WorkersSamples();
  private url = '';
  private pauseMs = FIRST_PAUSE_MS;
  private stopping = false;

  constructor(
    private readonly count: number,
    private readonly logger: LoggerService,
  ) {
    // What the parent accepts and hands over is lost with a worker that is killed or stops (docs/adr/0023-one-listening-socket.md).
    cluster.schedulingPolicy = cluster.SCHED_NONE;
  }

  /** Resolves to the service's URL when all listen. @throws WorkerError where one cannot, when none is left */
  async start(): Promise<string> {
    try {
      // The first one alone: it migrates, and most of what can be wrong is wrong for it already.
      this.url = (await this.add()).url;
      await Promise.all(Array.from({ length: this.count - 1 }, () => this.add()));
      return this.url;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Lets all finish what runs. Resolves when they are gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.signal('SIGTERM');
    while (this.running.size > 0) await once(cluster, 'exit');
  }

  /** Has each load anew what can be replaced while it runs. */
  reload(): void {
    this.signal('SIGHUP');
  }

  /** Ends all at once. */
  kill(): void {
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals): void {
    for (const worker of this.running) worker.process.kill(signal);
  }

  /** Starts a worker, which is replaced when it ends. Resolves when it listens. */
  private async add(): Promise<{ name: string; url: string }> {
    const started = performance.now();
    const worker = cluster.fork();
    const name = `Worker ${worker.process.pid}`;
    // It has no id where the system could not start it, and then no end either.
    if (worker.process.pid !== undefined) this.running.add(worker);
    return new Promise((resolve, reject) => {
      let listens = false;
      worker.on('message', (report: Report | object) => {
        if ('failure' in report) return reject(new WorkerError(report.failure));
        // What is asked for the metrics comes on the same channel.
        if (!('url' in report)) return;
        listens = true;
        this.samples.add(worker);
        resolve({ name, url: report.url });
      });
      worker.on('error', reject);
      worker.once('exit', (code, signal) => {
        this.running.delete(worker);
        const end = `${name} ended with ${signal ?? `code ${code}`}`;
        if (this.stopping && listens && code !== 0) process.exitCode = 1;
        // One that has stopped as it was told to is no sign of a crash loop.
        if (listens) void this.replace(`${end}.`, code === 0 ? Infinity : performance.now() - started);
        else if (!this.stopping) reject(new WorkerError(`${end} before it listened.`));
      });
    });
  }

  private async replace(reason: string, livedMs: number): Promise<void> {
    if (this.stopping) return;
    const pauseMs = livedMs > LONG_LIFE_MS ? FIRST_PAUSE_MS : this.pauseMs;
    this.pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    this.logger.warn(`${reason} Another worker starts in ${pauseMs} ms.`);
    await delay(pauseMs);
    if (this.stopping) return;
    try {
      const { name, url } = await this.add();
      this.logger.log(`${name} has taken its place`);
      // The port that PORT=0 has found is lost when all workers end together.
      if (url !== this.url) this.logger.warn(`Daybook listens on ${url} now, and no more on ${this.url}.`);
      this.url = url;
    } catch (error) {
      await this.replace(error instanceof Error ? error.message : String(error), 0);
    }
  }
}

/**
 * In a worker: leaves the next of many connections to the others. Who has just accepted one is awake before them, and
 * would take most of those that are opened at once and stay. libuv slept here, too, while it had UV_TCP_SINGLE_ACCEPT.
 */
export function acceptInTurn(server: Server): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  let open = 0;
  // Where connections come and go it is soon reached, and nobody sleeps.
  let most = 0;
  setInterval(() => (most = open), MEMORY_MS).unref();
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
    if (open <= most) return;
    most = open;
    Atomics.wait(never, 0, 0, NAP_MS);
  });
}

/** In a worker: tells the parent how its start went. Calls back when it is told, or the parent has gone. */
export function tellParent(report: Report, told?: () => void): void {
  process.send?.(report, undefined, undefined, told);
}

/**
 * In a worker: calls `stop`, once, when the parent says so or has gone.
 *
 * Signals may come to all processes at once: SIGINT from a terminal, SIGTERM from systemd. For a worker none is a
 * second one that does not wait. The parent decides about that.
 */
export function stopWithParent(stop: () => void): void {
  let stopping = false;
  const stopOnce = (): void => {
    if (!stopping) stop();
    stopping = true;
  };
  process.on('SIGINT', () => undefined).on('SIGTERM', stopOnce);
  const { worker } = cluster;
  worker?.once('disconnect', () => {
    // Without this, node:cluster ends the process at once, and the requests that run with it.
    worker.exitedAfterDisconnect = true;
    stopOnce();
  });
}
