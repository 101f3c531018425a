import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageVersion } from '../versions.mjs';

const PROCESS = new URL('autocannon-process.mjs', import.meta.url);

/** autocannon in a process of its own: it comes with the development packages, and needs much of a core itself. */
export const autocannon = {
  name: 'autocannon',
  isInstalled: () => true,
  version: () => packageVersion('autocannon'),
  /** Sends requests as fast as they are answered, on so many connections, for so many seconds. */
  async drive({ url, requests, connections, seconds }) {
    const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`autocannon ended with code ${code}`);
    });
    child.send({ url, requests, connections, duration: seconds });
    const [result] = await Promise.race([once(child, 'message'), ended]);
    await ended.catch(() => undefined);
    return result;
  },
};
