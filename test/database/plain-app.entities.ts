import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Tree,
  TreeChildren,
  TreeParent,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

export enum Status {
  Active = 'active',
  Retired = 'retired',
}

/** Embedded in an author. */
export class Address {
  @Column({ default: '' })
  street: string;

  @Column({ default: '' })
  city: string;
}

@Entity()
export class Profile {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column()
  bio: string;
}

@Entity()
export class Author {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ unique: true })
  name: string;

  @Column({ type: 'simple-enum', enum: Status, default: Status.Active })
  status: Status;

  @Column({ type: 'json', nullable: true })
  settings: Record<string, unknown> | null;

  @Column({ type: 'simple-json', nullable: true })
  labels: string[] | null;

  @Column({ type: 'date', nullable: true })
  born: string | null;

  @Column({ nullable: true })
  seen?: Date;

  @Column(() => Address)
  address: Address;

  @OneToOne(() => Profile, { cascade: true, eager: true, nullable: true })
  @JoinColumn()
  profile: Profile | null;

  @OneToMany('Book', 'author', { cascade: true })
  books: Relation<Book>[];

  @CreateDateColumn()
  created: Date;

  @UpdateDateColumn()
  updated: Date;

  @DeleteDateColumn()
  deleted: Date | null;

  @VersionColumn()
  version: number;
}

@Entity()
export class Tag {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column({ unique: true })
  name: string;
}

@Entity()
export class Book {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ unique: true })
  title: string;

  @Column({ default: 0 })
  price: number;

  @ManyToOne(() => Author, (author) => author.books, { onDelete: 'CASCADE', nullable: true })
  author: Relation<Author> | null;

  @ManyToMany(() => Tag, { cascade: true })
  @JoinTable()
  tags: Tag[];

  @OneToMany('Chapter', 'book')
  chapters: Promise<Relation<Chapter>[]>;
}

@Entity()
export class Chapter {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  heading: string;

  @ManyToOne(() => Book, (book) => book.chapters, { onDelete: 'CASCADE' })
  book: Promise<Relation<Book>>;
}

@Entity()
@Tree('closure-table')
export class Category {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;

  @TreeChildren({ cascade: true })
  children: Category[];

  @TreeParent({ onDelete: 'CASCADE' })
  parent: Category | null;
}

@Entity()
export class Counter {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ default: 0 })
  value: number;
}

/** Written by a subscriber for every new author. */
@Entity()
export class Change {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;
}
