import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last sweep by age on this database, of whichever process: one row. It stays where it is in an export. */
@Entity('log_sweeps')
export class LogSweep {
  /** Always 1. */
  @PrimaryColumn('integer')
  id: number;

  /** By the database's clock, in the form of log entries. */
  @Column('varchar', { name: 'swept_at', length: 24 })
  sweptAt: string;

  /** Since when that clock is not trusted, if it is not. */
  @Column('varchar', { name: 'suspect_since', length: 24, nullable: true })
  suspectSince: string | null;
}
