import { Column, Entity, OneToMany, PrimaryGeneratedColumn, type Relation, Unique } from 'typeorm';
import { ID_TYPE } from '../schema/ids.js';
import { Item } from './item.entity.js';

/** Somebody who is registered. */
@Entity('users')
@Unique(['emailKey'])
export class User {
  @PrimaryGeneratedColumn({ type: ID_TYPE })
  id: number;

  /** As the user has written it. */
  @Column('text')
  email: string;

  /** The e-mail without regard to case, which is what must be unique. */
  @Column('text', { name: 'email_key' })
  emailKey: string;

  @Column('text', { name: 'password_hash' })
  passwordHash: string;

  @Column('boolean', { name: 'is_active' })
  isActive: boolean;

  @OneToMany(() => Item, (item) => item.owner)
  items: Relation<Item>[];
}
