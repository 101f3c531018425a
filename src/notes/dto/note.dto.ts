import { ApiProperty } from '@nestjs/swagger';
import type { Members } from '../../database/index.js';
import type { Note } from '../note.entity.js';

/** A note as it is answered. */
export class NoteDto {
  @ApiProperty({ description: 'Never given twice', type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ description: 'The note', example: 'Buy milk' })
  text: string;

  @ApiProperty({ description: 'Whether it is dealt with', example: false })
  completed: boolean;

  static readonly members: Members<Note> = { id: 'id', text: 'text', completed: 'completed' };

  static from({ id, text, completed }: Note): NoteDto {
    return { id, text, completed };
  }
}

/** The answer to a deleted note. */
export class NoteDeletedDto {
  @ApiProperty({ description: 'Says so', example: 'Note with id 1 has been deleted.' })
  message: string;
}
