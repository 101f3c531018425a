import { ApiProperty } from '@nestjs/swagger';

/** How many records of one kind an import has brought. */
export class ImportCountsDto {
  @ApiProperty({ description: 'Not known before', type: 'integer', example: 12 })
  new = 0;

  @ApiProperty({ description: 'Another than at the last import', type: 'integer', example: 1 })
  changed = 0;

  @ApiProperty({
    description: 'The same as at the last import: nothing was done',
    type: 'integer',
    example: 0,
  })
  unchanged = 0;
}

/** Records whose list or task is not there. */
export class OrphansDto {
  @ApiProperty({ description: 'The list in which they are kept', example: 'Without a list' })
  list: string;

  @ApiProperty({ description: 'Tasks without a list', type: 'integer', example: 0 })
  tasks: number;

  @ApiProperty({ description: 'Steps without a task', type: 'integer', example: 0 })
  steps: number;
}

/** A record that was left out. */
export class FaultyRecordDto {
  @ApiProperty({ description: 'The object store', example: 'tasks' })
  store: string;

  @ApiProperty({
    description: 'Its place in the store, from 0; null where the store itself is at fault',
    type: 'integer',
    nullable: true,
    example: 3,
  })
  index: number | null;

  @ApiProperty({ description: 'Its id, where it has one', type: 'string', nullable: true, example: 'AQMkAD' })
  id: string | null;

  @ApiProperty({ description: 'What is wrong with it', example: 'title is missing' })
  problem: string;
}

/** A value that cannot be read and need not be there: its record was kept without it. */
export class UnreadableValueDto {
  @ApiProperty({ description: 'The object store', example: 'tasks' })
  store: string;

  @ApiProperty({ description: "The record's place in the store, from 0", type: 'integer', example: 3 })
  index: number;

  @ApiProperty({ description: "The record's id", type: 'string', nullable: true, example: 'AQMkAD' })
  id: string | null;

  @ApiProperty({ description: 'The member of the record', example: 'due_date' })
  member: string;

  @ApiProperty({ description: 'Its value as JSON, or the first 100 characters', example: '"tomorrow"' })
  value: string;

  @ApiProperty({ description: 'What is wrong with it', example: 'due_date is no ISO 8601 time' })
  problem: string;
}

/** What Daybook keeps for an export and makes nothing of. */
export class UnusedMemberDto {
  @ApiProperty({ description: 'The object store', example: 'lists' })
  store: string;

  @ApiProperty({
    description: 'The member of its records; null where Daybook does not know the store at all',
    type: 'string',
    nullable: true,
    example: 'tasks',
  })
  member: string | null;

  @ApiProperty({
    description: 'How many records have it; of a store, how many it has',
    type: 'integer',
    example: 2,
  })
  count: number;
}

/** What an import has done. */
export class ImportReportDto {
  @ApiProperty({ description: 'Whether it was only tried out, and nothing is kept', example: false })
  dry_run: boolean;

  @ApiProperty({ type: ImportCountsDto })
  lists: ImportCountsDto;

  @ApiProperty({ type: ImportCountsDto })
  tasks: ImportCountsDto;

  @ApiProperty({ type: ImportCountsDto })
  steps: ImportCountsDto;

  @ApiProperty({ type: OrphansDto })
  orphans: OrphansDto;

  @ApiProperty({
    description: 'Tasks that were changed both in Daybook and in the file: they are as in the file now',
    type: 'integer',
    example: 0,
  })
  overwritten: number;

  @ApiProperty({ description: 'How many records were left out', type: 'integer', example: 0 })
  faulty: number;

  @ApiProperty({ description: 'The first 1,000 of them', type: [FaultyRecordDto] })
  faults: FaultyRecordDto[];

  @ApiProperty({
    description: 'How many values could not be read; their records are kept without them',
    type: 'integer',
    example: 0,
  })
  unreadable: number;

  @ApiProperty({ description: 'The first 1,000 of them', type: [UnreadableValueDto] })
  unreadable_values: UnreadableValueDto[];

  @ApiProperty({
    description: 'How many values are only kept for an export: Daybook does not know what they mean',
    type: 'integer',
    example: 0,
  })
  unused: number;

  @ApiProperty({ description: 'Their names, of which the first 100 are told', type: [UnusedMemberDto] })
  unused_members: UnusedMemberDto[];
}
