import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LineBuffer } from './line-buffer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('writes the lines of a short time together, in their order', () => {
  const stream = { write: vi.fn<(text: string) => boolean>(() => true) };
  const buffer = new LineBuffer(stream);
  buffer.write('one\n');
  buffer.write('two\n');
  expect(stream.write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(stream.write.mock.calls).toEqual([['one\ntwo\n']]);
  buffer.write('three\n');
  vi.advanceTimersByTime(20);
  expect(stream.write.mock.calls).toEqual([['one\ntwo\n'], ['three\n']]);
});

it('writes no more together than a pipe takes in one piece', () => {
  const stream = { write: vi.fn<(text: string) => boolean>(() => true) };
  const buffer = new LineBuffer(stream);
  const line = `${'é'.repeat(1_000)}\n`;
  for (let n = 0; n < 3; n += 1) buffer.write(line);
  expect(stream.write.mock.calls).toEqual([[line + line]]);
  buffer.write('x'.repeat(5_000));
  expect(stream.write.mock.calls.slice(1)).toEqual([[line]]);
  vi.advanceTimersByTime(20);
  expect(stream.write.mock.calls.slice(2)).toEqual([['x'.repeat(5_000)]]);
});

it('writes what is left when the process exits', () => {
  const stream = { write: vi.fn<(text: string) => boolean>(() => true) };
  const listeners = process.listeners('exit');
  const buffer = new LineBuffer(stream);
  const [onExit] = process.listeners('exit').slice(listeners.length);
  buffer.write('last\n');
  onExit?.(0);
  vi.advanceTimersByTime(20);
  expect(stream.write.mock.calls).toEqual([['last\n']]);
});
