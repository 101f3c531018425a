import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';

/** A short text to keep. */
@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  text: string;

  @Column('boolean')
  completed: boolean;
}
