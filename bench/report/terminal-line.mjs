/** A line on the terminal that is written anew again and again. On anything but a terminal it writes nothing. */
export class TerminalLine {
  constructor(stream = process.stderr) {
    this.stream = stream;
  }

  /** Writes a text in the place of the last, as much of it as fits. */
  show(text) {
    if (!this.stream.isTTY) return;
    this.stream.write(`\r\u001B[K${text.slice(0, (this.stream.columns || 80) - 1)}`);
  }

  /** Makes room for other output. */
  clear() {
    if (this.stream.isTTY) this.stream.write('\r\u001B[K');
  }
}
