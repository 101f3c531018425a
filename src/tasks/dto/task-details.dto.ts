import { ApiProperty } from '@nestjs/swagger';
import type { WholeTask } from '../whole-tasks.js';
import { inOrder } from '../positions.js';
import { TaskDto } from './task.dto.js';

/** A time as it was given, with the name of its time zone. */
export class GivenTimeDto {
  @ApiProperty({ description: 'ISO 8601', example: '2026-11-22T15:00:00.0000000' })
  date_time: string;

  @ApiProperty({
    description: 'Of the IANA or of Windows, where one was given',
    type: 'string',
    nullable: true,
    example: 'UTC',
  })
  time_zone: string | null;

  static from(at: string | null, zone: string | null): GivenTimeDto | null {
    return at === null ? null : { date_time: at, time_zone: zone };
  }
}

/** The list of a task. */
export class TaskListDto {
  @ApiProperty({ description: 'Never given twice', type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ description: 'What it is called', example: 'Garden' })
  title: string;
}

/** A part of a task that can be done by itself. */
export class TaskStepDto {
  @ApiProperty({ description: 'What to do', example: 'Fill the can' })
  title: string;

  @ApiProperty({ description: 'Whether it is done', example: false })
  completed: boolean;

  @ApiProperty({ description: 'As it was given', type: 'string', nullable: true, example: '1' })
  position: string | null;

  @ApiProperty({ type: GivenTimeDto, nullable: true })
  created_at: GivenTimeDto | null;
}

/** A task with all that an import has brought of it. */
export class TaskDetailsDto extends TaskDto {
  @ApiProperty({ type: TaskListDto, nullable: true })
  list: TaskListDto | null;

  @ApiProperty({
    description: 'A number or a time, as it was given',
    type: 'string',
    nullable: true,
    example: '2026-11-22T15:00:00.123Z',
  })
  position: string | null;

  @ApiProperty({
    description: 'HTML or text as it was given: it may hold anything, so clean it before a browser shows it',
    type: 'string',
    nullable: true,
    example: '<p>Not the cactus</p>',
  })
  note: string | null;

  @ApiProperty({ type: GivenTimeDto, nullable: true })
  created_at: GivenTimeDto | null;

  @ApiProperty({ type: GivenTimeDto, nullable: true })
  due_date: GivenTimeDto | null;

  @ApiProperty({ type: GivenTimeDto, nullable: true })
  completed_at: GivenTimeDto | null;

  @ApiProperty({ description: 'In order', type: [TaskStepDto] })
  steps: TaskStepDto[];

  static override from(task: WholeTask): TaskDetailsDto {
    const { details, list, steps } = task;
    return {
      ...TaskDto.from(task),
      list: list ? { id: list.id, title: list.title } : null,
      position: details?.position ?? null,
      note: details?.note ?? null,
      created_at: GivenTimeDto.from(details?.createdAt ?? null, details?.createdZone ?? null),
      due_date: GivenTimeDto.from(details?.dueAt ?? null, details?.dueZone ?? null),
      completed_at: GivenTimeDto.from(details?.completedAt ?? null, details?.completedZone ?? null),
      steps: inOrder(steps).map(({ title, completed, position, createdAt, createdZone }) => ({
        title,
        completed,
        position,
        created_at: GivenTimeDto.from(createdAt, createdZone),
      })),
    };
  }
}
