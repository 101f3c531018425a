import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheResponse } from '../http/cache/cache-response.js';
import { Page, PagePart } from '../http/pages/page-routes.js';
import { SearchQueryDto } from './dto/search-query.dto.js';
import { SymbolKindDto, SymbolPathDto } from './dto/symbol.dto.js';
import { entryPage } from './entry-page.js';
import { searchPage, searchPart } from './search-page.js';
import { SearchService } from './search.service.js';
import { UNTIL_NEXT_SNAPSHOT } from './until-next-snapshot.js';

/** The documentation for browsers, on the paths of the API. */
@Controller('search')
export class SearchPagesController {
  constructor(private readonly documentation: SearchService) {}

  @Get()
  @Page()
  @CacheResponse(UNTIL_NEXT_SNAPSHOT)
  async find(@Query() query: SearchQueryDto): Promise<string> {
    return searchPage(query, await this.documentation.search(query));
  }

  @Get()
  @PagePart()
  @CacheResponse(UNTIL_NEXT_SNAPSHOT)
  async findPart(@Query() query: SearchQueryDto): Promise<string> {
    return searchPart(query, await this.documentation.search(query));
  }

  @Get(':symbol')
  @Page()
  @CacheResponse(UNTIL_NEXT_SNAPSHOT)
  async get(@Param() { symbol }: SymbolPathDto, @Query() { kind, url }: SymbolKindDto): Promise<string> {
    return entryPage(await this.documentation.get(symbol, kind, url));
  }
}
