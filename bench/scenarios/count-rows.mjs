/**
 * Compares the log entries in the database with the writes that were acknowledged.
 * What was under way when a round ended may be kept without having been acknowledged.
 */
export async function countLogRows(database, { acknowledged, underWay }) {
  const [{ count }] = await database.all('SELECT count(*) AS count FROM logs');
  const found = Number(count);
  if (found < acknowledged) {
    throw new Error(
      `lost rows: it acknowledged ${acknowledged} writes, and ${found} rows are in the database`,
    );
  }
  if (found > acknowledged + underWay) {
    throw new Error(`has rows too many: it acknowledged ${acknowledged} writes, and ${found} rows are there`);
  }
  return { acknowledged, found };
}
