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
import { CreateItemDto } from './dto/create-item.dto.js';
import { ItemDto } from './dto/item.dto.js';
import { PageDto } from './dto/page.dto.js';
import { UserPathDto } from './dto/user-path.dto.js';
import { ItemsService } from './items.service.js';

/** `/users/{user_id}/items` and `/items`. */
@ApiTags('items')
@Controller()
export class ItemsController {
  constructor(private readonly items: ItemsService) {}

  @Post('users/:user_id/items')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add an item to a user', description: 'The description may be left out.' })
  @ApiOkResponse({ description: 'The item', type: ItemDto })
  @ApiProblems('user-not-found', 'body-too-large', 'unsupported-media-type', 'validation-failed')
  create(@Param() { user_id }: UserPathDto, @Body() item: CreateItemDto): Promise<ItemDto> {
    return this.items.create(user_id, item);
  }

  @Get('items')
  @Header('content-type', 'application/json')
  @ApiOperation({ summary: 'List items', description: 'A part of the items of all users, by id.' })
  @ApiOkResponse({ description: 'The items', type: [ItemDto] })
  @ApiProblems('validation-failed')
  list(@Query() page: PageDto): Promise<string | StreamableFile> {
    return this.items.list(page);
  }
}
