import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDocs } from '../../src/docs-builder/build-docs.js';

/** Names and texts that would do harm on a page that does not escape them. */
export const HOSTILE = [
  '<script>document.title = "taken"</script>',
  '"><img src=x onerror="document.title = \'taken\'">',
  "' autofocus onfocus='document.title = 1",
  '</title></script><svg onload=alert(1)>',
  'a/b?c=d&e#f %2e%2e ☃',
] as const;

/** A snapshot with entries of these names, and of one name that two pages have. */
export async function createHostileSnapshot(): Promise<{ file: string; drop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-hostile-'));
  const sections = HOSTILE.map((name) => `## \`${name}\`\n\nNeedle \`${name}\` in a text.\n`);
  await writeFile(join(folder, 'hostile.md'), `# Hostile\n\n${sections.join('\n')}`);
  for (const page of ['first', 'second']) {
    await writeFile(join(folder, `${page}.md`), `# The ${page}\n\n## Twice\n\nTold on the ${page} page.\n`);
  }
  const file = join(folder, 'docs.sqlite');
  await buildDocs({ sources: [folder], out: file, baseUrl: '' });
  return { file, drop: () => rm(folder, { recursive: true, force: true }) };
}
