/** Work that is nobody's request, and that one process does for all on the database. */
export abstract class Housekeeping {
  /** Runs `work`, but if another process is at such work now. Answers whether it ran. */
  abstract alone(work: () => Promise<void>): Promise<boolean>;

  /** Gives the disk back a little of the room that deleted rows have left. Answers whether there is more. */
  abstract giveBack(): Promise<boolean>;
}
