import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToOne,
  PrimaryColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';
import { Task } from './task.entity.js';
import { TaskList } from './task-list.entity.js';

/**
 * What is known of a task that was imported, beside its name and state.
 *
 * Not columns of the task: those would be read, and measured, in every list of tasks. Times are text as they were
 * given, each with the name of its time zone.
 */
@Entity('task_details')
@Unique(['externalId'])
export class TaskDetails {
  @PrimaryColumn(ID_TYPE, { name: 'task_id' })
  taskId: number;

  @OneToOne(() => Task, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'task_id' })
  task: Relation<Task>;

  @Index()
  @Column(ID_TYPE, { name: 'list_id' })
  listId: number;

  @ManyToOne(() => TaskList, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'list_id' })
  list: Relation<TaskList>;

  /** As it was given: a number or a time, as text. */
  @Column('text', { nullable: true })
  position: string | null;

  /** HTML, or plain text. */
  @Column('text', { nullable: true })
  note: string | null;

  @Column('text', { name: 'created_at', nullable: true })
  createdAt: string | null;

  @Column('text', { name: 'created_zone', nullable: true })
  createdZone: string | null;

  @Column('text', { name: 'due_at', nullable: true })
  dueAt: string | null;

  @Column('text', { name: 'due_zone', nullable: true })
  dueZone: string | null;

  @Column('text', { name: 'completed_at', nullable: true })
  completedAt: string | null;

  @Column('text', { name: 'completed_zone', nullable: true })
  completedZone: string | null;

  /** The id where it came from. */
  @Column('text', { name: 'external_id' })
  externalId: string;

  /** The record as it came, in JSON. None is there for a task that only its steps have named so far. */
  @Column('text', { nullable: true })
  source: string | null;
}
