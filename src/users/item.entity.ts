import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';
import { User } from './user.entity.js';

/** A thing that belongs to a user. */
@Entity('items')
export class Item {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  @Column('text')
  title: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Index()
  @Column(ID_TYPE, { name: 'owner_id' })
  ownerId: number;

  @ManyToOne(() => User, (user) => user.items, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'owner_id' })
  owner: Relation<User>;
}
