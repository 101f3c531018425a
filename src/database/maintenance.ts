/** Work that is nobody's request, and that one process does for all on the database. */
export interface Maintenance {
  /** Runs `work`, but if another process is at such work now. Returns whether it ran. */
  alone(work: () => Promise<void>): Promise<boolean>;

  /** Gives the disk back a little of the room that deleted rows have left. Returns whether there is more. */
  giveBack(): Promise<boolean>;
}
