import { ApiProperty } from '@nestjs/swagger';
import type { Members } from '../../database/index.js';
import type { Task } from '../task.entity.js';

/** A task as it is answered. */
export class TaskDto {
  @ApiProperty({ description: 'What to do', example: 'Water the plants' })
  name: string;

  @ApiProperty({ description: 'Whether it is done', example: false })
  done: boolean;

  @ApiProperty({ description: 'Never given twice', type: 'integer', example: 1 })
  id: number;

  static readonly members: Members<Task> = { name: 'name', done: 'done', id: 'id' };

  static from({ name, done, id }: Task): TaskDto {
    return { name, done, id };
  }
}
