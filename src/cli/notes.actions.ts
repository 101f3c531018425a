import { NoteDto } from '../notes/dto/note.dto.js';
import { WriteNoteDto } from '../notes/dto/write-note.dto.js';
import { Note } from '../notes/note.entity.js';
import { NotesModule } from '../notes/notes.module.js';
import { NotesService } from '../notes/notes.service.js';
import { inApplication } from './in-application.js';
import { type JsonOption, type LimitOption } from './options.js';
import { firstRows, print, tableOf } from './output.js';
import { readDto } from './read-dto.js';
import { repositoryOf } from './repository-of.js';

/** `daybook notes list` */
export function list({ limit, ...options }: LimitOption & JsonOption): Promise<void> {
  return inApplication('daybook notes list', NotesModule, async (application) => {
    const found = await repositoryOf(application, Note).find({ order: { id: 'ASC' }, take: limit + 1 });
    const notes = firstRows(found, limit);
    print(notes.map(NoteDto.from), tableOf(['id', 'completed', 'text'], notes), options);
  });
}

/** `daybook notes add` */
export function add(
  text: string,
  { completed, ...options }: { completed: boolean } & JsonOption,
): Promise<void> {
  return inApplication('daybook notes add', NotesModule, async (application) => {
    const note = await application.get(NotesService).create(readDto(WriteNoteDto, { text, completed }));
    print(note, `Note ${note.id} is added.`, options);
  });
}
