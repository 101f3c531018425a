import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A thing to do. */
@Entity('tasks')
export class Task {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  name: string;

  @Column('boolean')
  done: boolean;
}
