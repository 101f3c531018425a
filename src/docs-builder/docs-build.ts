import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { type BuildReport, buildDocs } from './build-docs.js';
import { SourceError } from './source-error.js';

interface Options {
  readonly out: string;
  readonly baseUrl: string;
}

const command = new Command('docs:build')
  .description('Makes a snapshot of documentation for Daybook to search in.')
  .argument('<source...>', 'Sphinx HTML as a folder, .zip or .tar.bz2; or folders and files of Markdown')
  .requiredOption('--out <file>', 'the snapshot to write; an old one is replaced in one step')
  .option('--base-url <url>', 'where the pages are on the web, for links to them', '')
  .action(build);

/** Builds, with a bar on a terminal, and says what came out. */
async function build(sources: string[], { out, baseUrl }: Options): Promise<void> {
  const begin = performance.now();
  const bar = new SingleBar({
    format: '{bar} {percentage} % · {page}',
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
    stopOnComplete: true,
  });
  let begun = false;
  const onPage = (page: string, done: number, pages: number) => {
    if (!begun) bar.start(pages, 0, { page });
    begun = true;
    bar.update(done, { page });
  };
  const base = baseUrl === '' || baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const report = await buildDocs({ sources, out: resolve(out), baseUrl: base, onPage }).finally(() =>
    bar.stop(),
  );
  process.stdout.write(`${summaryOf(report, (performance.now() - begin) / 1_000)} ${out}\n`);
}

function summaryOf({ pages, symbols, described, entries, bytes }: BuildReport, seconds: number): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const share =
    symbols > 0 ? `, ${((100 * described) / symbols).toFixed(2)} % of them with a description` : '';
  // In KiB: of this process, at its peak.
  const memory = process.resourceUsage().maxRSS / 1_024;
  return (
    `${number(pages)} pages, ${number(symbols)} symbols${share}, ${number(entries)} entries in all; ` +
    `${seconds.toFixed(1)} s, ${memory.toFixed(0)} MiB of memory, ${(bytes / 1_048_576).toFixed(1)} MiB:`
  );
}

try {
  await command.parseAsync();
} catch (error) {
  const text = error instanceof SourceError ? error.message : String((error as Error).stack);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
