import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';
import { Task } from './task.entity.js';

/** A part of a task that can be done by itself. */
@Entity('task_steps')
@Unique(['externalId'])
export class TaskStep {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Index()
  @Column(ID_TYPE, { name: 'task_id' })
  taskId: number;

  @ManyToOne(() => Task, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'task_id' })
  task: Relation<Task>;

  @Column('text')
  title: string;

  @Column('boolean')
  completed: boolean;

  /** As it was given: a number or a time, as text. */
  @Column('text', { nullable: true })
  position: string | null;

  @Column('text', { name: 'created_at', nullable: true })
  createdAt: string | null;

  @Column('text', { name: 'created_zone', nullable: true })
  createdZone: string | null;

  /** The id where it came from. */
  @Column('text', { name: 'external_id' })
  externalId: string;

  /** The record as it came, in JSON. */
  @Column('text')
  source: string;
}
