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
  Query,
  type StreamableFile,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { LargeBody } from '../http/large-bodies.js';
import { ApiProblems } from '../http/openapi.js';
import { JsonBytesGuard } from '../http/validation/json-bytes.guard.js';
import { DUMP_SCHEMA } from './dto/dump.schema.js';
import { TaskDetailsDto } from './dto/task-details.dto.js';
import { TaskQueryDto } from './dto/task-query.dto.js';
import { TaskDto } from './dto/task.dto.js';
import { WriteTaskDto } from './dto/write-task.dto.js';
import { ExportQueryDto } from './export/dto/export-query.dto.js';
import { TasksExportService } from './export/tasks-export.service.js';
import { ImportQueryDto } from './import/dto/import-query.dto.js';
import { ImportReportDto } from './import/dto/import-report.dto.js';
import { TasksImportService } from './import/tasks-import.service.js';
import { TasksService } from './tasks.service.js';

const ApiTaskId = () =>
  ApiParam({ name: 'task_id', description: "The task's id", schema: { type: 'string' }, example: '1' });

/** The second with `include=details`. */
const TASK = { anyOf: [{ $ref: getSchemaPath(TaskDto) }, { $ref: getSchemaPath(TaskDetailsDto) }] };

const FILE = { type: 'string', format: 'binary' };

const EXPORTED = {
  type: 'object',
  description: 'Object stores, as an import takes them, with the values that came',
  additionalProperties: true,
};

/** `/tasks`. */
@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    private readonly tasks: TasksService,
    private readonly imports: TasksImportService,
    private readonly exports: TasksExportService,
  ) {}

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
  @ApiExtraModels(TaskDto, TaskDetailsDto)
  @ApiOkResponse({ description: 'The tasks', schema: { type: 'array', items: TASK } })
  @ApiProblems('validation-failed')
  list(@Query() query: TaskQueryDto): Promise<string | StreamableFile> {
    return this.tasks.list(query);
  }

  @Post('import')
  @HttpCode(200)
  @UseGuards(JsonBytesGuard)
  @LargeBody('tasks-import')
  @ApiOperation({
    summary: 'Import tasks',
    description:
      'Takes what Microsoft To Do keeps in a browser, or a JSON export of Daybook. Records are known again by their ' +
      'ids: the same file changes nothing. Those at fault are told and left out.',
  })
  @ApiBody({ required: true, schema: DUMP_SCHEMA })
  @ApiOkResponse({ description: 'What was done; it is on the disk', type: ImportReportDto })
  @ApiProblems('body-too-large', 'unsupported-media-type', 'validation-failed')
  import(@Body() bytes: Buffer, @Query() query: ImportQueryDto): Promise<ImportReportDto> {
    return this.imports.run(bytes, query);
  }

  @Get('export')
  @ApiOperation({
    summary: 'Export tasks',
    description: "For Asana's CSV importer, as one CSV, or as JSON that an import takes. Streamed.",
  })
  @ApiOkResponse({
    description: 'The file',
    content: {
      'application/zip': { schema: FILE },
      'text/csv': { schema: FILE },
      'application/json': { schema: EXPORTED },
    },
  })
  @ApiProblems('validation-failed')
  export(@Query() query: ExportQueryDto): Promise<StreamableFile> {
    return this.exports.answer(query);
  }

  @Get(':task_id')
  @ApiTaskId()
  @ApiOperation({ summary: 'Get a task', description: 'One task by its id.' })
  @ApiOkResponse({ description: 'The task', schema: TASK })
  @ApiProblems('task-not-found', 'validation-failed')
  get(@Param('task_id') taskId: string, @Query() query: TaskQueryDto): Promise<TaskDto> {
    return this.tasks.get(taskId, query);
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
  @ApiProblems('task-not-found', 'outcome-unknown')
  delete(@Param('task_id') taskId: string): Promise<number> {
    return this.tasks.delete(taskId);
  }
}
