import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';

/** A thing to do. */
@Entity('tasks')
export class Task {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  name: string;

  @Column('boolean')
  done: boolean;
}
