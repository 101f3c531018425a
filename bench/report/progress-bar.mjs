const WIDTH = 24;

/** A line on the terminal that says how far the run is. On anything but a terminal it writes nothing. */
export class ProgressBar {
  #total;
  #done = 0;
  #title = '';
  #label = '';
  #begin = performance.now();

  constructor(total, stream = process.stderr) {
    this.#total = total;
    this.stream = stream;
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
    if (this.stream.isTTY) this.stream.write('\r\u001B[K');
  }

  #draw() {
    if (!this.stream.isTTY) return;
    const share = this.#done / this.#total;
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
    const seconds = share > 0 ? ((performance.now() - this.#begin) / 1_000) * (1 / share - 1) : NaN;
    const left = Number.isFinite(seconds) ? `, about ${Math.ceil(seconds / 60)} min left` : '';
    const line = `${bar} ${Math.round(share * 100)} %${left} · ${this.#title} · ${this.#label}`;
    this.stream.write(`\r\u001B[K${line.slice(0, (this.stream.columns ?? 80) - 1)}`);
  }
}
