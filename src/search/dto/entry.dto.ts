import { ApiProperty } from '@nestjs/swagger';
import type { Entry } from '../entry.entity.js';

/** An entry of the documentation, whole. */
export class EntryDto {
  @ApiProperty({ description: 'Its name, or the title of a section', example: 'os.path.join' })
  name: string;

  @ApiProperty({ description: 'What it is', example: 'function' })
  kind: string;

  @ApiProperty({
    description: 'As in code; more than one form has more than one line',
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
    description: 'Where it is described, or only its path in the documentation where no address was given',
    example: 'https://docs.example/library/os.path.html#os.path.join',
  })
  url: string;

  @ApiProperty({
    description: 'The description as HTML that is safe to show',
    example: '<p>Join path segments.</p>',
  })
  html: string;

  @ApiProperty({ description: 'The description as plain text', example: 'Join path segments.' })
  text: string;

  static from({ name, kind, signature, summary, page_title, url, description }: Entry): EntryDto {
    const { html, text } = description ?? { html: '', text: '' };
    return { name, kind, signature, summary, page_title, url, html, text };
  }
}
