import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';

/** An object store of an imported dump, so that an export has the same stores in the same order. */
@Entity('task_stores')
@Unique(['name'])
export class TaskStore {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  name: string;

  /** Its JSON, where Daybook has no table for what is in it. */
  @Column('text', { nullable: true })
  content: string | null;
}
