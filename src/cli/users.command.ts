import { Command } from 'commander';
import { type JsonOption, jsonOption, type LimitOption, limitOption } from './options.js';

/** `daybook users` */
export function usersCommand(): Command {
  const users = new Command('users').description('shows and adds users');
  users
    .command('list')
    .description('shows users with how many items they have, by id')
    .addOption(limitOption(100))
    .addOption(jsonOption())
    .action(async (options: LimitOption & JsonOption) => (await import('./users.actions.js')).list(options));
  users
    .command('add')
    .description('adds a user, and asks for the password or reads it from standard input')
    .argument('<email>')
    .addOption(jsonOption())
    .action(async (email: string, options: JsonOption) =>
      (await import('./users.actions.js')).add(email, options),
    );
  return users;
}
