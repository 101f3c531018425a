import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { isId } from '../schema/ids.js';
import { JsonLists } from '../database/index.js';
import { joinLists } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import { toInteger } from '../http/validation/coercions.js';
import { TaskDetailsDto } from './dto/task-details.dto.js';
import type { TaskQueryDto } from './dto/task-query.dto.js';
import { TaskDto } from './dto/task.dto.js';
import type { WriteTaskDto } from './dto/write-task.dto.js';
import { Task } from './task.entity.js';
import { allTasks, wholeTasks } from './whole-tasks.js';

/** Keeps tasks. An id may be any text here, as the wire has it: what is no id is not found. */
@Injectable()
export class TasksService {
  private readonly lists: JsonLists<Task>;

  constructor(@InjectRepository(Task) private readonly tasks: Repository<Task>) {
    this.lists = new JsonLists(tasks, TaskDto.members);
  }

  async create({ name, done }: WriteTaskDto): Promise<TaskDto> {
    return TaskDto.from(await this.tasks.save({ name, done }));
  }

  /** All tasks as JSON. */
  list({ include }: TaskQueryDto): Promise<string | StreamableFile> {
    return joinLists(include ? detailedLists(this.tasks.manager) : this.lists.all());
  }

  /** @throws ProblemException 404 */
  async get(taskId: string, { include }: TaskQueryDto): Promise<TaskDto> {
    const task = await this.tasks.findOneBy({ id: parseId(taskId) });
    if (!task) throw new ProblemException('task-not-found');
    if (!include) return TaskDto.from(task);
    const [whole] = await wholeTasks(this.tasks.manager, [task]);
    return TaskDetailsDto.from(whole!);
  }

  /** @throws ProblemException 404 */
  async replace(taskId: string, { name, done }: WriteTaskDto): Promise<TaskDto> {
    const id = parseId(taskId);
    const { affected } = await this.tasks.update({ id }, { name, done });
    if (!affected) throw new ProblemException('task-not-found');
    return { name, done, id };
  }

  /** Answers how many tasks were deleted: one. @throws ProblemException 404 */
  async delete(taskId: string): Promise<number> {
    const id = parseId(taskId);
    const { affected } = await this.tasks.delete({ id });
    if (!affected) throw new ProblemException('task-not-found');
    return affected;
  }
}

async function* detailedLists(manager: EntityManager): AsyncGenerator<string, void> {
  let first = true;
  for await (const page of allTasks(manager)) {
    yield JSON.stringify(page.map((task) => TaskDetailsDto.from(task)));
    first = false;
  }
  if (first) yield '[]';
}

/** Any text may stand where the id does; what is no id is not found. */
function parseId(text: string): number {
  const id = toInteger(text) as number;
  if (!isId(id)) throw new ProblemException('task-not-found');
  return id;
}
