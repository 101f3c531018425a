import { ApiProperty } from '@nestjs/swagger';
import type { Members } from '../../database/index.js';
import { Item } from '../item.entity.js';
import type { User } from '../user.entity.js';
import { ItemDto } from './item.dto.js';

/** A user as it is answered, with the items and without the password. */
export class UserDto {
  @ApiProperty({ description: 'As it was registered', format: 'email', example: 'ada@example.com' })
  email: string;

  @ApiProperty({ description: 'Never given twice', type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ description: 'Whether the user may sign in', example: true })
  is_active: boolean;

  @ApiProperty({ description: "The user's items, by id", type: [ItemDto] })
  items: ItemDto[];

  static readonly members: Members<User> = {
    email: 'email',
    id: 'id',
    is_active: 'isActive',
    items: { entity: Item, members: ItemDto.members, parentId: 'ownerId' },
  };

  static from({ email, id, isActive }: Omit<User, 'items'>, items: Item[]): UserDto {
    return { email, id, is_active: isActive, items: items.map(ItemDto.from) };
  }
}
