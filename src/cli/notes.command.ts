import { Command } from 'commander';
import { NoteDto } from '../notes/dto/note.dto.js';
import { WriteNoteDto } from '../notes/dto/write-note.dto.js';
import { Note } from '../notes/note.entity.js';
import { NotesService } from '../notes/notes.service.js';
import { inApplication } from './in-application.js';
import { type JsonOption, jsonOption, type LimitOption, limitOption } from './options.js';
import { firstRows, print, tableOf } from './output.js';
import { readDto } from './read-dto.js';
import { repositoryOf } from './repository-of.js';

/** `daybook notes` */
export function notesCommand(): Command {
  const notes = new Command('notes').description('shows and adds notes');
  notes
    .command('list')
    .description('shows notes, by id')
    .addOption(limitOption(100))
    .addOption(jsonOption())
    .action(list);
  notes
    .command('add')
    .description('adds a note')
    .argument('<text>')
    .option('--completed', 'it is dealt with already', false)
    .addOption(jsonOption())
    .action(add);
  return notes;
}

function list({ limit, ...options }: LimitOption & JsonOption): Promise<void> {
  return inApplication('daybook notes list', async (application) => {
    const found = await repositoryOf(application, Note).find({ order: { id: 'ASC' }, take: limit + 1 });
    const notes = firstRows(found, limit);
    print(notes.map(NoteDto.from), tableOf(['id', 'completed', 'text'], notes), options);
  });
}

function add(text: string, { completed, ...options }: { completed: boolean } & JsonOption): Promise<void> {
  return inApplication('daybook notes add', async (application) => {
    const note = await application.get(NotesService).create(readDto(WriteNoteDto, { text, completed }));
    print(note, `Note ${note.id} is added.`, options);
  });
}
