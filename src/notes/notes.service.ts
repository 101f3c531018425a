import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isId } from '../schema/ids.js';
import { JsonLists } from '../database/index.js';
import { joinLists } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import { type NoteDeletedDto, NoteDto } from './dto/note.dto.js';
import type { NotesPageDto } from './dto/notes-page.dto.js';
import type { WriteNoteDto } from './dto/write-note.dto.js';
import { Note } from './note.entity.js';

/** Keeps notes. */
@Injectable()
export class NotesService {
  private readonly lists: JsonLists<Note>;

  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {
    this.lists = new JsonLists(notes, NoteDto.members);
  }

  async create({ text, completed }: WriteNoteDto): Promise<NoteDto> {
    return NoteDto.from(await this.notes.save({ text, completed }));
  }

  /** A part of the notes as JSON. */
  list({ skip, take }: NotesPageDto): Promise<string | StreamableFile> {
    return joinLists(this.lists.part(skip, take));
  }

  /** All notes as JSON. */
  listAll(): Promise<string | StreamableFile> {
    return joinLists(this.lists.all());
  }

  /** @throws ProblemException 404 */
  async get(id: number): Promise<NoteDto> {
    const note = isId(id) ? await this.notes.findOneBy({ id }) : null;
    if (!note) throw noteNotFound(id);
    return NoteDto.from(note);
  }

  /** @throws ProblemException 404 */
  async replace(id: number, { text, completed }: WriteNoteDto): Promise<NoteDto> {
    if (!isId(id)) throw noteNotFound(id);
    const { affected } = await this.notes.update({ id }, { text, completed });
    if (!affected) throw noteNotFound(id);
    return { id, text, completed };
  }

  /** @throws ProblemException 404 */
  async delete(id: number): Promise<NoteDeletedDto> {
    if (!isId(id)) throw noteNotFound(id);
    const { affected } = await this.notes.delete({ id });
    if (!affected) throw noteNotFound(id);
    return { message: `Note with id ${id} has been deleted.` };
  }
}

function noteNotFound(id: number): ProblemException {
  return new ProblemException('note-not-found', {
    headers: { 'X-Error': `Request asked for note id: [${id}]` },
  });
}
