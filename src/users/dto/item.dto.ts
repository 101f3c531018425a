import { ApiProperty } from '@nestjs/swagger';
import type { Members } from '../../database/index.js';
import type { Item } from '../item.entity.js';

/** An item as it is answered. */
export class ItemDto {
  @ApiProperty({ description: 'What it is', example: 'Lamp' })
  title: string;

  @ApiProperty({
    description: 'More about it',
    type: 'string',
    nullable: true,
    example: 'Brass, with a green shade',
  })
  description: string | null;

  @ApiProperty({ description: 'Never given twice', type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ description: 'The user it belongs to', type: 'integer', example: 1 })
  owner_id: number;

  static readonly members: Members<Item> = {
    title: 'title',
    description: 'description',
    id: 'id',
    owner_id: 'ownerId',
  };

  static from({ title, description, id, ownerId }: Omit<Item, 'owner'>): ItemDto {
    return { title, description, id, owner_id: ownerId };
  }
}
