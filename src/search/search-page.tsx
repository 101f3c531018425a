import { renderPage, renderPart, titleOf } from '../http/pages/layout.js';
import type { SearchQueryDto } from './dto/search-query.dto.js';
import type { SearchResultDto, SearchResultsDto } from './dto/search-results.dto.js';
import { entryPath, searchPath } from './page-paths.js';

/** A search that was made. */
interface Search {
  readonly query: SearchQueryDto;
  readonly found: SearchResultsDto;
}

/** The page with the field to type into, and what was found so far. */
export function searchPage(query: SearchQueryDto, found: SearchResultsDto): string {
  const search = { query, found };
  return renderPage({
    title: titleFor(query),
    live: true,
    content: [
      <SearchForm query={query} />,
      <p id="count" role="status">
        <Count {...search} />
      </p>,
      <div id="results">
        <Results {...search} />
      </div>,
    ],
  });
}

/** What changes on the page while somebody types. */
export function searchPart(query: SearchQueryDto, found: SearchResultsDto): string {
  const search = { query, found };
  return renderPart(
    <>
      <title>{titleOf(titleFor(query))}</title>
      <p id="count" hx-swap-oob="innerHTML">
        <Count {...search} />
      </p>
      <Results {...search} />
    </>,
  );
}

function titleFor({ q }: SearchQueryDto): string {
  return q.trim() === '' ? 'Search' : `${q} · Search`;
}

function SearchForm({ query: { q, kind } }: Pick<Search, 'query'>) {
  return (
    <form
      role="search"
      action="/search"
      hx-get="/search"
      hx-trigger="input delay:100ms"
      hx-sync="this:queue last"
      hx-target="#results"
      hx-replace-url="true"
    >
      <h1>
        <label for="q">Search the documentation</label>
      </h1>
      <div class="field">
        <input
          id="q"
          name="q"
          type="search"
          value={q}
          maxLength={200}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-describedby="keys"
        />
        <button>Search</button>
      </div>
      {kind !== '' && (
        <p>
          <input type="hidden" name="kind" value={kind} />
          Only entries of the kind <b>{kind}</b>. <a href={searchPath({ q })}>Search all kinds</a>
        </p>
      )}
      <p id="keys" class="keys">
        <span>
          <kbd>/</kbd> to the field
        </span>
        <span>
          <kbd>↓</kbd> <kbd>↑</kbd> through the results
        </span>
        <span>
          <kbd>Enter</kbd> opens
        </span>
        <span>
          <kbd>Esc</kbd> begins anew
        </span>
      </p>
    </form>
  );
}

function Count({ query: { q, offset }, found: { total, results } }: Search) {
  if (q.trim() === '') return <>Type a name, the beginning of one, or words.</>;
  if (total === 0) return <>Nothing fits. Fewer words, or the beginning of a word, may find more.</>;
  if (results.length === total) return <>{total === 1 ? 'One entry' : `${total} entries`}</>;
  if (results.length === 0) return <>There are only {total} entries.</>;
  return (
    <>
      Entries {offset + 1} to {offset + results.length} of {total}
    </>
  );
}

function Results({ query, found: { total, results } }: Search) {
  const { limit, offset } = query;
  return (
    <>
      <ol class="results" start={offset + 1}>
        {results.map((result) => (
          <Result {...result} />
        ))}
      </ol>
      {total > results.length && (
        <nav class="parts" aria-label="Parts of the results">
          {offset > 0 && (
            <a rel="prev" href={searchPath({ ...query, offset: Math.max(0, offset - limit) })}>
              Better ones
            </a>
          )}
          {offset + limit < total && (
            <a rel="next" href={searchPath({ ...query, offset: offset + limit })}>
              More
            </a>
          )}
        </nav>
      )}
    </>
  );
}

function Result({ name, kind, signature, summary, page_title, snippet, url }: SearchResultDto) {
  const repeated = letters(snippet).startsWith(letters(summary).slice(0, 40));
  return (
    <li>
      <a data-result href={entryPath({ name, kind, url })}>
        {name}
      </a>{' '}
      <span class="kind">{kind}</span>
      {signature !== null && <code class="signature">{signature}</code>}
      {!repeated && <p>{summary}</p>}
      {/* Of a snippet the search says that it is escaped text with marks. */}
      <p class="snippet" dangerouslySetInnerHTML={{ __html: snippet }} />
      {page_title !== name && <p class="source">{page_title}</p>}
    </li>
  );
}

/** What is left of a text or of a snippet to compare them by. */
function letters(text: string): string {
  return text.replaceAll(/<\/?mark>|&#?\w+;|[^\p{L}\p{N}]/gu, '');
}
