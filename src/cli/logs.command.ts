import { Command } from 'commander';
import { CreateLogDto } from '../logs/dto/create-log.dto.js';
import { LogsService } from '../logs/logs.service.js';
import { inApplication } from './in-application.js';
import { type JsonOption, jsonOption } from './options.js';
import { print } from './output.js';
import { readDto } from './read-dto.js';

/** `daybook logs` */
export function logsCommand(): Command {
  const logs = new Command('logs').description('shows and adds log entries');
  logs.command('add').description('adds an entry').argument('<message>').addOption(jsonOption()).action(add);
  return logs;
}

function add(message: string, options: JsonOption): Promise<void> {
  return inApplication('daybook logs add', async (application) => {
    const answer = await application.get(LogsService).create(readDto(CreateLogDto, { message }));
    print(answer, `${answer.status}.`, options);
  });
}
