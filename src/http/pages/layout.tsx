import type { ComponentChild, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { assetUrl } from './assets.js';

/** A page: what stands in its title and in its middle. */
interface PageContent {
  readonly title: string;
  readonly content: ComponentChild;
  /** Whether htmx has something to do on it. */
  readonly live?: boolean;
}

// No style and no code that is made as the page goes, and failures are shown like any other answer.
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorStyles: false,
  allowEval: false,
  historyCacheSize: 0,
  // Otherwise it would ask for the page, get the part of it that HX-Request stands for, and show nothing else.
  refreshOnHistoryMiss: true,
  timeout: 10_000,
  responseHandling: [{ code: '...', swap: true }],
});

/** A whole page of Daybook, as HTML. */
export function renderPage({ title, content, live = false }: PageContent): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {live && <meta name="htmx-config" content={HTMX_CONFIG} />}
        <title>{titleOf(title)}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={assetUrl('daybook.css')} />
        {live && <script src={assetUrl('htmx.js')} defer />}
        <script src={assetUrl('keyboard.js')} defer />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <nav aria-label="Daybook">
            <a class="home" href="/">
              Daybook
            </a>
            <a href="/search">Search</a>
            <a href="/docs">Try the API</a>
            <a href="/redoc">Reference</a>
          </nav>
        </header>
        <main id="main" tabIndex={-1}>
          {content}
        </main>
      </body>
    </html>
  );
  return `<!doctype html>\n${render(page)}\n`;
}

/** A part of a page, as HTML for htmx to put into it. */
export function renderPart(content: VNode): string {
  return render(content);
}

/** The text of a title element. */
export function titleOf(title: string): string {
  return title === 'Daybook' ? title : `${title} · Daybook`;
}
