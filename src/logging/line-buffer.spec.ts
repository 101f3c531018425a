import type { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LineBuffer } from './line-buffer.js';

/** A stream whose reader takes a piece when the test says so. */
function fakeStream() {
  const taken: ((error?: Error) => void)[] = [];
  const write = vi.fn<(text: string, done?: unknown) => boolean>((_text, done) => {
    if (typeof done === 'function') taken.push(done as (error?: Error) => void);
    return true;
  });
  return {
    stream: { write } as Pick<Writable, 'write'>,
    take: (error?: Error) => taken.shift()?.(error),
    texts: () => write.mock.calls.map(([text]) => text),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('writes the lines of a short time together, in their order', () => {
  const { stream, take, texts } = fakeStream();
  const buffer = new LineBuffer(stream);
  buffer.write('one\n');
  buffer.write('two\n');
  expect(texts()).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(texts()).toEqual(['one\ntwo\n']);
  take();
  buffer.write('three\n');
  vi.advanceTimersByTime(20);
  expect(texts()).toEqual(['one\ntwo\n', 'three\n']);
});

it('writes no more together than a pipe takes in one piece, and a piece when the last has been taken', () => {
  const { stream, take, texts } = fakeStream();
  const buffer = new LineBuffer(stream);
  const line = `${'é'.repeat(1_000)}\n`;
  for (let n = 0; n < 5; n += 1) buffer.write(line);
  expect(texts()).toEqual([line + line]);
  take();
  expect(texts()).toEqual([line + line, line + line]);
  take();
  vi.advanceTimersByTime(20);
  expect(texts().slice(2)).toEqual([line]);
});

it('keeps the newest 4 MiB for a reader that is behind', () => {
  const { stream, take, texts } = fakeStream();
  const buffer = new LineBuffer(stream);
  for (let n = 0; n < 1_100; n += 1) buffer.write(`${n} ${'x'.repeat(4_000)}\n`);
  expect(texts()).toHaveLength(1);
  take();
  expect(texts()[1]).toMatch(/^75 /);
});

it('tells when all has been taken', async () => {
  const { stream, take, texts } = fakeStream();
  const buffer = new LineBuffer(stream);
  await buffer.drained();
  buffer.write('one\n');
  let drained = false;
  const whenDrained = buffer.drained().then(() => (drained = true));
  await Promise.resolve();
  expect(drained).toBe(false);
  take();
  await whenDrained;
  expect(texts()).toEqual(['one\n']);
});

it('goes on after a piece that could not be written', () => {
  const { stream, take, texts } = fakeStream();
  const buffer = new LineBuffer(stream);
  buffer.write('one\n');
  buffer.flush();
  take(new Error('ENOSPC'));
  buffer.write('two\n');
  buffer.flush();
  expect(texts()).toEqual(['one\n', 'two\n']);
});

it('writes what is left when the process exits', () => {
  const { stream, texts } = fakeStream();
  const before = process.listeners('exit');
  const buffer = new LineBuffer(stream);
  const [onExit] = process.listeners('exit').slice(before.length);
  buffer.write('last\n');
  onExit?.(0);
  vi.advanceTimersByTime(20);
  expect(texts()).toEqual(['last\n']);
});
