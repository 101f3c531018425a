// Holds an SQLite file locked, and says so, until it is told to end.
import Database from 'better-sqlite3';

const database = new Database(process.argv[2]);
database.exec('BEGIN EXCLUSIVE');
process.send('locked');
process.once('message', () => {
  database.exec('ROLLBACK');
  database.close();
  process.disconnect();
});
