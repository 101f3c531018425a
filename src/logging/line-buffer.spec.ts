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
