import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Put,
  type StreamableFile,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/openapi.js';
import { TaskDto } from './dto/task.dto.js';
import { WriteTaskDto } from './dto/write-task.dto.js';
import { TasksService } from './tasks.service.js';

const ApiTaskId = () =>
  ApiParam({ name: 'task_id', description: "The task's id", schema: { type: 'string' }, example: '1' });

/** `/tasks`. */
@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Add a task', description: 'Keeps a new task and gives it an id.' })
  @ApiOkResponse({ description: 'The task', type: TaskDto })
  @ApiProblems('body-too-large', 'unsupported-media-type', 'validation-failed')
  create(@Body() task: WriteTaskDto): Promise<TaskDto> {
    return this.tasks.create(task);
  }

  @Get()
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List all tasks', description: 'All of them, by id.' })
  @ApiOkResponse({ description: 'The tasks', type: [TaskDto] })
  @ApiProblems()
  list(): Promise<string | StreamableFile> {
    return this.tasks.list();
  }

  @Get(':task_id')
  @ApiTaskId()
  @ApiOperation({ summary: 'Get a task', description: 'One task by its id.' })
  @ApiOkResponse({ description: 'The task', type: TaskDto })
  @ApiProblems('task-not-found')
  get(@Param('task_id') taskId: string): Promise<TaskDto> {
    return this.tasks.get(taskId);
  }

  @Put(':task_id')
  @ApiTaskId()
  @ApiOperation({
    summary: 'Replace a task',
    description: 'Gives a task a new name and state; both are needed.',
  })
  @ApiOkResponse({ description: 'The task as it is now', type: TaskDto })
  @ApiProblems('task-not-found', 'body-too-large', 'unsupported-media-type', 'validation-failed')
  replace(@Param('task_id') taskId: string, @Body() task: WriteTaskDto): Promise<TaskDto> {
    return this.tasks.replace(taskId, task);
  }

  @Delete(':task_id')
  @ApiTaskId()
  @ApiOperation({ summary: 'Delete a task', description: 'Its id is not given again.' })
  @ApiOkResponse({
    description: 'How many were deleted',
    content: { 'application/json': { schema: { type: 'integer' }, example: 1 } },
  })
  @ApiProblems('task-not-found')
  delete(@Param('task_id') taskId: string): Promise<number> {
    return this.tasks.delete(taskId);
  }
}
