import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long the event loop is held. */
const SLICE_MS = 10;

/** Work that others have a turn beside, by the clock: one note may take as long as a thousand. */
export class TimeSlice {
  private end = performance.now() + SLICE_MS;

  /** Whether others wait long enough. To be asked between pieces of the work. */
  isOver(): boolean {
    return performance.now() > this.end;
  }

  /** Lets them go first. */
  async next(): Promise<void> {
    await nextTurn();
    this.end = performance.now() + SLICE_MS;
  }
}
