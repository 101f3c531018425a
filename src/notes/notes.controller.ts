import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  type StreamableFile,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/openapi.js';
import { NotePathDto } from './dto/note-path.dto.js';
import { NoteDeletedDto, NoteDto } from './dto/note.dto.js';
import { NotesPageDto } from './dto/notes-page.dto.js';
import { WriteNoteDto } from './dto/write-note.dto.js';
import { NotesService } from './notes.service.js';

/** `/notes`. */
@ApiTags('notes')
@Controller('notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Add a note', description: 'Keeps a new note and gives it an id.' })
  @ApiOkResponse({ description: 'The note', type: NoteDto })
  @ApiProblems('body-too-large', 'unsupported-media-type', 'validation-failed')
  create(@Body() note: WriteNoteDto): Promise<NoteDto> {
    return this.notes.create(note);
  }

  @Get()
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List notes', description: 'A part of the notes, by id.' })
  @ApiOkResponse({ description: 'The notes', type: [NoteDto] })
  @ApiProblems('validation-failed')
  list(@Query() page: NotesPageDto): Promise<string | StreamableFile> {
    return this.notes.list(page);
  }

  @Get('all')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List all notes', description: 'All of them, by id, streamed.' })
  @ApiOkResponse({ description: 'The notes', type: [NoteDto] })
  @ApiProblems()
  listAll(): Promise<string | StreamableFile> {
    return this.notes.listAll();
  }

  @Get(':note_id')
  @ApiOperation({ summary: 'Get a note', description: 'One note by its id.' })
  @ApiOkResponse({ description: 'The note', type: NoteDto })
  @ApiProblems('note-not-found', 'validation-failed')
  get(@Param() { note_id }: NotePathDto): Promise<NoteDto> {
    return this.notes.get(note_id);
  }

  @Put(':note_id')
  @ApiOperation({
    summary: 'Replace a note',
    description: 'Gives a note a new text and state; both are needed.',
  })
  @ApiOkResponse({ description: 'The note as it is now', type: NoteDto })
  @ApiProblems('note-not-found', 'body-too-large', 'unsupported-media-type', 'validation-failed')
  replace(@Param() { note_id }: NotePathDto, @Body() note: WriteNoteDto): Promise<NoteDto> {
    return this.notes.replace(note_id, note);
  }

  @Delete(':note_id')
  @ApiOperation({ summary: 'Delete a note', description: 'Its id is not given again.' })
  @ApiOkResponse({ description: 'It is deleted', type: NoteDeletedDto })
  @ApiProblems('note-not-found', 'validation-failed', 'outcome-unknown')
  delete(@Param() { note_id }: NotePathDto): Promise<NoteDeletedDto> {
    return this.notes.delete(note_id);
  }
}
