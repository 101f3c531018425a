/**
 * What each connection asks of its server (PostgreSQL's manual, 20.3.2 and 20.5.1).
 *
 * A server set to answer before its log is on the disk would break the promise that a success is kept. Where a client's
 * host is gone without a word, the server ends what it has left open within half a minute, and not in two hours.
 */
export const CONNECTION_OPTIONS =
  '-c synchronous_commit=on -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** What is for connections without limits of time: by their name they are told from those that have limits. */
export function commandSettings(applicationName = 'typeorm'): { application_name: string; options: string } {
  return { application_name: `${applicationName} command`, options: CONNECTION_OPTIONS };
}
