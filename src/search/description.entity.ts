import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the documentation says about an entry, or about several that it describes together. */
@Entity('descriptions')
export class Description {
  @PrimaryColumn('integer')
  id: number;

  /** Safe to show: an allow-list has been over it. */
  @Column('text')
  html: string;

  @Column('text')
  text: string;
}
