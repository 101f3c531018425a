import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A short text to keep. */
@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  text: string;

  @Column('boolean')
  completed: boolean;
}
