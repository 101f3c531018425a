import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';

/** A message and the time at which it came. */
@Entity('logs')
export class LogEntry {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  message: string;

  /** ISO 8601 in UTC with milliseconds. Text, as it is the same on both engines and sorts by time. */
  @Index()
  @Column('varchar', { length: 24 })
  timestamp: string;
}
