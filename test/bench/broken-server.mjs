import { createServer } from 'node:http';
import Database from 'better-sqlite3';

const { PORT, DATABASE_FILE, BROKEN } = process.env;

const database = new Database(DATABASE_FILE);
database.pragma('synchronous = OFF');
const insert = database.prepare('INSERT INTO logs (message, timestamp) VALUES (?, ?)');
let requests = 0;

createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/info') {
    response.end('"broken"');
    return;
  }
  requests += 1;
  const tenth = requests % 10 === 0;
  if (tenth && BROKEN === 'fails') response.statusCode = 500;
  else if (!tenth) insert.run('a message', new Date().toISOString());
  response.end('{"status":"Log entry created"}');
}).listen(Number(PORT), '127.0.0.1');
