import { renderPage } from '../http/pages/layout.js';
import type { EntryDto } from './dto/entry.dto.js';
import { searchPath } from './page-paths.js';

/** The page of one entry. */
export function entryPage({ name, kind, signature, summary, page_title, url, html }: EntryDto): string {
  return renderPage({
    title: name,
    content: (
      <article>
        <p>
          <a data-back href={searchPath({ q: name })}>
            Back to the search
          </a>{' '}
          <kbd class="keys">Esc</kbd>
        </p>
        <h1>{name}</h1>
        <p>
          <span class="kind">{kind}</span> <Source title={page_title} url={url} />
        </p>
        {signature !== null && (
          <pre class="signature">
            <code>{signature}</code>
          </pre>
        )}
        {html === '' ? (
          <p>{summary}</p>
        ) : (
          // An allow-list was over it when the snapshot was built; the page's policy is the second wall.
          <div class="description" dangerouslySetInnerHTML={{ __html: html }} />
        )}
      </article>
    ),
  });
}

/** Where the entry is described: a link where its address is known, or else the path. */
function Source({ title, url }: { title: string; url: string }) {
  if (/^https?:/.test(url)) return <a href={url}>{title}</a>;
  return (
    <>
      {title}, <code>{url}</code>
    </>
  );
}
