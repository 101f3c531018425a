import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
  type StreamableFile,
} from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/openapi.js';
import { CreateUserDto } from './dto/create-user.dto.js';
import { PageDto } from './dto/page.dto.js';
import { UserPathDto } from './dto/user-path.dto.js';
import { UserDto } from './dto/user.dto.js';
import { UsersService } from './users.service.js';

/** `/users` and `/slowusers`. */
@ApiTags('users')
@Controller()
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post('users')
  @HttpCode(200)
  @ApiOperation({ summary: 'Register a user', description: 'The password is kept only as an argon2id hash.' })
  @ApiOkResponse({ description: 'The user', type: UserDto })
  @ApiProblems(
    'email-already-registered',
    'too-busy',
    'body-too-large',
    'unsupported-media-type',
    'validation-failed',
  )
  create(@Body() user: CreateUserDto): Promise<UserDto> {
    return this.users.create(user);
  }

  @Get('users')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List users', description: 'A part of the users with their items, by id.' })
  @ApiOkResponse({ description: 'The users', type: [UserDto] })
  @ApiProblems('validation-failed')
  list(@Query() page: PageDto): Promise<string | StreamableFile> {
    return this.users.list(page);
  }

  @Get('users/:user_id')
  @ApiOperation({ summary: 'Get a user', description: 'One user with its items, by its id.' })
  @ApiOkResponse({ description: 'The user', type: UserDto })
  @ApiProblems('user-not-found', 'validation-failed')
  get(@Param() { user_id }: UserPathDto): Promise<UserDto> {
    return this.users.get(user_id);
  }

  @Get('slowusers')
  @Header('content-type', 'application/json')
  @ApiOperation({
    summary: 'List users, slowly',
    description: 'As /users, after a wait that is a second shorter each time, down to none.',
  })
  @ApiOkResponse({ description: 'The users', type: [UserDto] })
  @ApiProblems('validation-failed')
  listSlowly(@Query() page: PageDto): Promise<string | StreamableFile> {
    return this.users.listSlowly(page);
  }
}
