import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** Writes a text as `npm run format` would. */
export async function writePretty(file, text) {
  const config = await resolveConfig(fileURLToPath(import.meta.url));
  await writeFile(file, await format(text, { ...config, filepath: file }));
}
