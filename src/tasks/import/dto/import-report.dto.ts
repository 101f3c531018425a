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
}
