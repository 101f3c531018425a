import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LineBuffer } from './line-buffer.js';

function fakeStream() {
  return Object.assign(new Writable(), { write: vi.fn<(text: string) => boolean>(() => true) });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('writes the lines of a short time together, in their order', () => {
  const stream = fakeStream();
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
  const stream = fakeStream();
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
  const stream = fakeStream();
  const listeners = process.listeners('exit');
  const buffer = new LineBuffer(stream);
  const [onExit] = process.listeners('exit').slice(listeners.length);
  buffer.write('last\n');
  onExit?.(0);
  vi.advanceTimersByTime(20);
  expect(stream.write.mock.calls).toEqual([['last\n']]);
});

it('gives a reader that is behind one piece at a time, and the newest 4 MiB at most', () => {
  const stream = fakeStream();
  stream.write.mockReturnValue(false);
  const buffer = new LineBuffer(stream);
  for (let n = 0; n < 1_100; n += 1) buffer.write(`${n} ${'x'.repeat(4_000)}\n`);
  expect(stream.write).toHaveBeenCalledTimes(1);
  stream.emit('drain');
  expect(stream.write).toHaveBeenCalledTimes(2);
  expect(stream.write.mock.calls[1]?.[0]).toMatch(/^75 /);
});

it('tells when all has been taken', async () => {
  const stream = fakeStream();
  stream.write.mockReturnValueOnce(false);
  const buffer = new LineBuffer(stream);
  buffer.write('one\n');
  let drained = false;
  const whenDrained = buffer.drained().then(() => (drained = true));
  await Promise.resolve();
  expect(drained).toBe(false);
  stream.emit('drain');
  await whenDrained;
  expect(stream.write.mock.calls).toEqual([['one\n']]);
});

it('drops what cannot be written', () => {
  const stream = fakeStream();
  stream.write.mockReturnValue(false);
  const buffer = new LineBuffer(stream);
  buffer.write('one\n');
  buffer.flush();
  buffer.write('two\n');
  buffer.flush();
  stream.emit('error', new Error('EPIPE'));
  stream.emit('drain');
  expect(stream.write.mock.calls).toEqual([['one\n']]);
});
