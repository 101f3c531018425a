import { ApiProperty } from '@nestjs/swagger';

/** An entry that fits. */
export class SearchResultDto {
  @ApiProperty({ description: 'Its name, or the title of a section', example: 'os.path.join' })
  name: string;

  @ApiProperty({ description: 'What it is', example: 'function' })
  kind: string;

  @ApiProperty({
    description: 'As in code',
    type: 'string',
    nullable: true,
    example: 'os.path.join(path, *paths)',
  })
  signature: string | null;

  @ApiProperty({ description: 'What it is for, in a sentence', example: 'Join path segments.' })
  summary: string;

  @ApiProperty({ description: 'The title of its page', example: 'os.path — Common pathname manipulations' })
  page_title: string;

  @ApiProperty({
    description: 'The words in their context, as HTML: text with `<mark>` around them, and no other tag',
    example: '<mark>Join</mark> path segments.',
  })
  snippet: string;

  @ApiProperty({
    description: 'Where it is described, or only its path in the documentation where no address was given',
    example: 'https://docs.example/library/os.path.html#os.path.join',
  })
  url: string;

  @ApiProperty({ description: 'Higher fits better; to be compared within one answer', example: 7160.2 })
  score: number;
}

/** What was found. */
export class SearchResultsDto {
  @ApiProperty({
    description:
      'How many were found. Where it is very many, only some hundreds of the most important are looked at',
    type: 'integer',
    example: 1,
  })
  total: number;

  @ApiProperty({ description: 'A part of them, the best first', type: [SearchResultDto] })
  results: SearchResultDto[];
}
