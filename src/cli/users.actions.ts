import { text } from 'node:stream/consumers';
import askPassword from '@inquirer/password';
import { CreateUserDto } from '../users/dto/create-user.dto.js';
import { UserDto } from '../users/dto/user.dto.js';
import { User } from '../users/user.entity.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { CommandError } from './command-error.js';
import { inApplication } from './in-application.js';
import { type JsonOption, type LimitOption } from './options.js';
import { firstRows, print, tableOf } from './output.js';
import { readDto } from './read-dto.js';
import { repositoryOf } from './repository-of.js';

/** `daybook users list` */
export function list({ limit, ...options }: LimitOption & JsonOption): Promise<void> {
  return inApplication('daybook users list', UsersModule, async (application) => {
    const found = await repositoryOf(application, User).find({
      order: { id: 'ASC', items: { id: 'ASC' } },
      relations: { items: true },
      take: limit + 1,
    });
    const users = firstRows(found, limit);
    const rows = users.map(({ id, isActive, items, email }) => ({
      id,
      active: isActive,
      items: items.length,
      email,
    }));
    print(
      users.map((user) => UserDto.from(user, user.items)),
      tableOf(['id', 'active', 'items', 'email'], rows),
      options,
    );
  });
}

/** `daybook users add` */
export async function add(email: string, options: JsonOption): Promise<void> {
  // Not an option: those are in the shell's history, and in the list of processes for everybody to see.
  const password = process.stdin.isTTY
    ? await askPassword({ message: 'Password', mask: true }).catch(explainEnd)
    : (await text(process.stdin)).replace(/\r?\n$/, '');
  await inApplication('daybook users add', UsersModule, async (application) => {
    const user = await application.get(UsersService).create(readDto(CreateUserDto, { email, password }));
    print(user, `User ${user.id} is added.`, options);
  });
}

/** Ctrl-C at the question. */
function explainEnd(error: Error): never {
  throw error.name === 'ExitPromptError' ? new CommandError('No user was added.', 130) : error;
}
