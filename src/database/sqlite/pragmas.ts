/**
 * How the connections are set up (sqlite.org/pragma.html), in this order.
 * The time-out comes first, in the connection's options: each of these may meet a lock.
 */
export const WRITER_PRAGMAS = [
  // The file can be made smaller, a little at a time. Before anything is written: later it takes a VACUUM.
  'auto_vacuum = INCREMENTAL',
  // Readers go on while one writes.
  'journal_mode = WAL',
  // No sync in COMMIT: WalSync does it before anybody is answered, and mostly on another thread.
  'synchronous = NORMAL',
  'foreign_keys = ON',
  // After a burst, give the disk back what the log took.
  'journal_size_limit = 67108864',
  // In KiB when negative: 16 MiB of pages in memory.
  'cache_size = -16384',
  'temp_store = MEMORY',
] as const;

/** The same for the connection that only reads, as far as it applies. */
export const READER_PRAGMAS = ['cache_size = -16384', 'temp_store = MEMORY'] as const;
