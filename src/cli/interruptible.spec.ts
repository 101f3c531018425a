import { interruptible } from './interruptible.js';

/** As Ctrl-C does. */
const interrupt = (): void => {
  process.listeners('SIGINT').at(-1)?.('SIGINT');
};

describe('a command that is interrupted', () => {
  it('says what was not changed', async () => {
    const work = async (signal: AbortSignal): Promise<void> => {
      interrupt();
      signal.throwIfAborted();
    };
    await expect(interruptible(work)).rejects.toThrow('Interrupted: nothing was changed.');
    await expect(interruptible(work, 'no rows were changed')).rejects.toMatchObject({
      message: 'Interrupted: no rows were changed.',
      exitCode: 130,
    });
  });

  it('tells another failure as it is', async () => {
    const failure = new Error('The disk is full.');
    const work = async (): Promise<void> => {
      interrupt();
      throw failure;
    };
    await expect(interruptible(work)).rejects.toBe(failure);
  });
});
