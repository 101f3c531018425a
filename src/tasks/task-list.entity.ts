import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';

/** A list of tasks that an import has brought. One without an external id is for tasks whose list is not known. */
@Entity('task_lists')
@Unique(['externalId'])
export class TaskList {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  title: string;

  /** As it was given: a number or a time, as text. */
  @Column('text', { nullable: true })
  position: string | null;

  /** The id where it came from. */
  @Column('text', { name: 'external_id', nullable: true })
  externalId: string | null;

  /** The record as it came, in JSON: fields that Daybook does not know are in it, too. */
  @Column('text', { nullable: true })
  source: string | null;
}
