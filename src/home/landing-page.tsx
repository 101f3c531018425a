import { renderPage } from '../http/pages/layout.js';

/** What a browser sees at `/`. */
export const LANDING_PAGE = renderPage({
  title: 'Daybook',
  content: [
    <h1>Daybook</h1>,
    <p>Logs, tasks, users with items, and notes behind one HTTP API.</p>,
    <form role="search" action="/search">
      <label for="q">Search the documentation</label>
      <div class="field">
        <input
          id="q"
          name="q"
          type="search"
          maxLength={200}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
        <button>Search</button>
      </div>
    </form>,
    <ul>
      <li>
        <a href="/search">Search the documentation</a> as you type
      </li>
      <li>
        <a href="/docs">Try the API</a> in Swagger UI
      </li>
      <li>
        <a href="/redoc">Read the API reference</a> in ReDoc
      </li>
      <li>
        <a href="/openapi.json">The OpenAPI document</a>
      </li>
      <li>
        <a href="/health/ready">Is it ready?</a>
      </li>
    </ul>,
  ],
});
