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
  const share = ((100 * described) / symbols).toFixed(2);
  const parts = [
    `${number(pages)} ${pages === 1 ? 'page' : 'pages'}`,
    // Markdown has no inventory that would name any.
    ...(symbols > 0 ? [`${number(symbols)} symbols`, `${share} % of them with a description`] : []),
    `${number(entries)} ${entries === 1 ? 'entry' : 'entries'} in all`,
  ];
  // In KiB: of this process, at its peak.
  const memory = process.resourceUsage().maxRSS / 1_024;
  return `${parts.join(', ')}; ${seconds.toFixed(1)} s, ${memory.toFixed(0)} MiB of memory, ${(bytes / 1_048_576).toFixed(1)} MiB:`;
}

function explain(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  const { message, stack, syscall } = error as NodeJS.ErrnoException;
  // What the system refuses says by itself what and where.
  return syscall === undefined ? String(stack) : `${message}.`;
}

try {
  await command.parseAsync();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
