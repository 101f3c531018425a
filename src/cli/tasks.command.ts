import { Command } from 'commander';
import { TaskDto } from '../tasks/dto/task.dto.js';
import { WriteTaskDto } from '../tasks/dto/write-task.dto.js';
import { Task } from '../tasks/task.entity.js';
import { TasksService } from '../tasks/tasks.service.js';
import { inApplication } from './in-application.js';
import { type JsonOption, jsonOption, type LimitOption, limitOption } from './options.js';
import { firstRows, print, tableOf } from './output.js';
import { readDto } from './read-dto.js';
import { repositoryOf } from './repository-of.js';

/** `daybook tasks` */
export function tasksCommand(): Command {
  const tasks = new Command('tasks').description('shows and adds tasks');
  tasks
    .command('list')
    .description('shows tasks, by id')
    .addOption(limitOption(100))
    .addOption(jsonOption())
    .action(list);
  tasks
    .command('add')
    .description('adds a task')
    .argument('<name>')
    .option('--done', 'it is done already', false)
    .addOption(jsonOption())
    .action(add);
  return tasks;
}

function list({ limit, ...options }: LimitOption & JsonOption): Promise<void> {
  return inApplication('daybook tasks list', async (application) => {
    const found = await repositoryOf(application, Task).find({ order: { id: 'ASC' }, take: limit + 1 });
    const tasks = firstRows(found, limit);
    print(tasks.map(TaskDto.from), tableOf(['id', 'done', 'name'], tasks), options);
  });
}

function add(name: string, { done, ...options }: { done: boolean } & JsonOption): Promise<void> {
  return inApplication('daybook tasks add', async (application) => {
    const task = await application.get(TasksService).create(readDto(WriteTaskDto, { name, done }));
    print(task, `Task ${task.id} is added.`, options);
  });
}
