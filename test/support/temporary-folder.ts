import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the tests of a file or a block, which is removed after them. */
export function temporaryFolder(): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-files-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
