import { TerminalLine } from './terminal-line.mjs';

const WIDTH = 24;

/** A line on the terminal that says how far the run is. On anything but a terminal it writes nothing. */
export class ProgressBar {
  #total;
  #done = 0;
  #title = '';
  #label = '';
  #begin = performance.now();
  #line = new TerminalLine();

  constructor(total) {
    this.#total = total;
  }

  /** Names what is measured from now on. */
  title(text) {
    this.#title = text;
  }

  /** Names the step that begins. */
  show(label) {
    this.#label = label;
    this.#draw();
  }

  /** A step is done. */
  step() {
    this.#done += 1;
    this.#draw();
  }

  /** Makes room for other output. */
  clear() {
    this.#line.clear();
  }

  #draw() {
    const share = this.#done / this.#total;
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
    const seconds = share > 0 ? ((performance.now() - this.#begin) / 1_000) * (1 / share - 1) : NaN;
    const left = Number.isFinite(seconds) ? `, about ${Math.ceil(seconds / 60)} min left` : '';
    this.#line.show(`${bar} ${Math.round(share * 100)} %${left} · ${this.#title} · ${this.#label}`);
  }
}
