import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isId } from '../database/ids.js';
import type { JsonLists } from '../database/prepared/json-lists.js';
import { PreparedQueries } from '../database/prepared/prepared-queries.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { joinLists } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import { toInteger } from '../http/validation/coercions.js';
import { TaskDto } from './dto/task.dto.js';
import type { WriteTaskDto } from './dto/write-task.dto.js';
import { Task } from './task.entity.js';

/** Keeps tasks. An id may be any text here, as the wire has it: what is no id is not found. */
@Injectable()
export class TasksService {
  private readonly lists: JsonLists<Task>;

  constructor(
    @InjectRepository(Task) private readonly tasks: Repository<Task>,
    private readonly unitOfWork: UnitOfWork,
    queries: PreparedQueries,
  ) {
    this.lists = queries.jsonLists(Task, TaskDto.members);
  }

  async create({ name, done }: WriteTaskDto): Promise<TaskDto> {
    const task = await this.unitOfWork.run(() => this.tasks.save({ name, done }));
    return TaskDto.from(task);
  }

  /** All tasks as JSON. */
  list(): Promise<string | StreamableFile> {
    return joinLists(this.lists.all());
  }

  /** @throws ProblemException 404 */
  async get(taskId: string): Promise<TaskDto> {
    const task = await this.tasks.findOneBy({ id: parseId(taskId) });
    if (!task) throw new ProblemException('task-not-found');
    return TaskDto.from(task);
  }

  /** @throws ProblemException 404 */
  async replace(taskId: string, { name, done }: WriteTaskDto): Promise<TaskDto> {
    const id = parseId(taskId);
    const { affected } = await this.unitOfWork.run(() => this.tasks.update({ id }, { name, done }), {
      single: true,
    });
    if (!affected) throw new ProblemException('task-not-found');
    return { name, done, id };
  }

  /** Answers how many tasks were deleted: one. @throws ProblemException 404 */
  async delete(taskId: string): Promise<number> {
    const id = parseId(taskId);
    const { affected } = await this.unitOfWork.run(() => this.tasks.delete({ id }), { single: true });
    if (!affected) throw new ProblemException('task-not-found');
    return affected;
  }
}

/** Any text may stand where the id does; what is no id is not found. */
function parseId(text: string): number {
  const id = toInteger(text) as number;
  if (!isId(id)) throw new ProblemException('task-not-found');
  return id;
}
