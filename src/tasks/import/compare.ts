import { ImportCountsDto } from './dto/import-report.dto.js';

interface Changes<Row, Old> {
  readonly added: Row[];
  readonly changed: { readonly row: Row; readonly old: Old }[];
  readonly counts: ImportCountsDto;
}

/** Whether a record is as it came the last time. */
export const isSame = (row: { source: string }, old: { source: string | null }) => row.source === old.source;

/** What of these rows is new, and what has changed, beside the known rows with their external ids. */
export function compare<Row extends { externalId: string }, Old extends { source: string | null }>(
  rows: Row[],
  known: Map<string, Old>,
  isUnchanged: (row: Row, old: Old) => boolean,
): Changes<Row, Old> {
  const changes: Changes<Row, Old> = { added: [], changed: [], counts: new ImportCountsDto() };
  for (const row of rows) {
    const old = known.get(row.externalId);
    if (!old) changes.added.push(row);
    else if (!isUnchanged(row, old)) changes.changed.push({ row, old });
    // One that only its steps have named so far is as good as new.
    if (!old?.source) changes.counts.new += 1;
    else if (isUnchanged(row, old)) changes.counts.unchanged += 1;
    else changes.counts.changed += 1;
  }
  return changes;
}
