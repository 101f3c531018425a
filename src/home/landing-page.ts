/** What a browser sees at `/`. */
export const LANDING_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Daybook</title>
<link rel="icon" href="data:,">
<style>
body { max-width: 38rem; margin: 4rem auto; padding: 0 1rem; font: 1.05rem/1.6 system-ui, sans-serif }
code { font-size: 0.95em }
</style>
</head>
<body>
<main>
<h1>Daybook</h1>
<p>Logs, tasks, users with items, and notes behind one HTTP API.</p>
<ul>
<li><a href="/docs">Try the API</a> in Swagger UI</li>
<li><a href="/redoc">Read the API reference</a> in ReDoc</li>
<li><a href="/openapi.json">The OpenAPI document</a></li>
<li><a href="/health/ready">Is it ready?</a></li>
</ul>
</main>
</body>
</html>
`;
