import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Description } from './description.entity.js';

/** Something that the documentation describes: a function, a class, a section. The lower its id, the more important. */
@Entity('entries')
export class Entry {
  @PrimaryColumn('integer')
  id: number;

  @Column('text')
  name: string;

  @Column('varchar', { length: 40 })
  kind: string;

  @Column('text', { nullable: true })
  signature: string | null;

  @Column('text')
  summary: string;

  @Column('text')
  page_title: string;

  @Column('text')
  url: string;

  @Column('real')
  importance: number;

  /** The most important entry that is described in the same place; often itself. */
  @Column('integer')
  place_id: number;

  @ManyToOne(() => Description, { nullable: true, createForeignKeyConstraints: false })
  @JoinColumn({ name: 'description_id' })
  description: Relation<Description> | null;
}
