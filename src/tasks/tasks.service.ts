import { Injectable, type StreamableFile } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isId } from '../database/ids.js';
import { pagesById } from '../database/pages.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { streamJson } from '../http/json-stream.js';
import { ProblemException } from '../http/problems.js';
import { toInteger } from '../http/validation/coercions.js';
import { TaskDto } from './dto/task.dto.js';
import type { WriteTaskDto } from './dto/write-task.dto.js';
import { Task } from './task.entity.js';

@Injectable()
export class TasksService {
  constructor(
    @InjectRepository(Task) private readonly tasks: Repository<Task>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async create({ name, done }: WriteTaskDto): Promise<TaskDto> {
    const task = await this.unitOfWork.run(() => this.tasks.save({ name, done }));
    return TaskDto.from(task);
  }

  stream(): Promise<StreamableFile> {
    return streamJson(pagesById(this.tasks, TaskDto.from));
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
    const { affected } = await this.unitOfWork.run(() => this.tasks.update({ id }, { name, done }));
    if (!affected) throw new ProblemException('task-not-found');
    return { name, done, id };
  }

  /** Answers how many tasks were deleted: one. @throws ProblemException 404 */
  async delete(taskId: string): Promise<number> {
    const id = parseId(taskId);
    const { affected } = await this.unitOfWork.run(() => this.tasks.delete({ id }));
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
