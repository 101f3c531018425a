/** The tasks 1 to `count`. */
export function* tasks(count) {
  for (let id = 1; id <= count; id += 1)
    yield { id, name: `Task ${id}: water the plants`, done: id % 3 === 0 };
}

/** The users 1 to `count`. */
export function* users(count) {
  for (let id = 1; id <= count; id += 1) {
    const email = `person-${id}@example.org`;
    // As long as a real one, and nobody's.
    const hash = 'not-a-hash-'.padEnd(97, '0');
    yield { id, email, email_key: email, password_hash: hash, hashed_password: hash, is_active: true };
  }
}

/** As many items for each of the users 1 to `owners`. */
export function* items(owners, each) {
  for (let id = 1; id <= owners * each; id += 1) {
    const owner = Math.ceil(id / each);
    const description = id % 4 === 0 ? null : `What person ${owner} keeps in box ${id}`;
    yield { id, title: `Box ${id}`, description, owner_id: owner };
  }
}

/** The log entries 1 to `count`, with messages of 50 characters. */
export function* logs(count) {
  const begin = Date.UTC(2026, 0, 1);
  for (let id = 1; id <= count; id += 1) {
    const message = `The backup number ${id} has been done`.padEnd(50, '.');
    yield { id, message, timestamp: new Date(begin + id).toISOString() };
  }
}
