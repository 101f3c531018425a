import { Command } from 'commander';
import { type JsonOption, jsonOption, type LimitOption, limitOption } from './options.js';

/** `daybook notes` */
export function notesCommand(): Command {
  const notes = new Command('notes').description('shows and adds notes');
  notes
    .command('list')
    .description('shows notes, by id')
    .addOption(limitOption(100))
    .addOption(jsonOption())
    .action(async (options: LimitOption & JsonOption) => (await import('./notes.actions.js')).list(options));
  notes
    .command('add')
    .description('adds a note')
    .argument('<text>')
    .option('--completed', 'it is dealt with already', false)
    .addOption(jsonOption())
    .action(async (text: string, options: { completed: boolean } & JsonOption) =>
      (await import('./notes.actions.js')).add(text, options),
    );
  return notes;
}
