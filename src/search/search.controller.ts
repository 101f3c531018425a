import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CacheResponse } from '../http/cache/cache-response.js';
import { ApiProblems } from '../http/openapi.js';
import { EntryDto } from './dto/entry.dto.js';
import { SearchQueryDto } from './dto/search-query.dto.js';
import { SearchResultsDto } from './dto/search-results.dto.js';
import { SymbolKindDto, SymbolPathDto } from './dto/symbol.dto.js';
import { SearchService } from './search.service.js';
import { UNTIL_NEXT_SNAPSHOT } from './until-next-snapshot.js';

/** The documentation, by name and by words. */
@ApiTags('search')
@Controller('search')
export class SearchController {
  constructor(private readonly documentation: SearchService) {}

  @Get()
  @Header('content-type', 'application/json')
  @CacheResponse(UNTIL_NEXT_SNAPSHOT)
  @ApiOperation({
    summary: 'Search the documentation',
    description:
      'The best first: the exact name, the last part of a name (`path` for `os.path`), the beginning of a name, then ' +
      'words in names, titles and texts. The last word may be incomplete.',
  })
  @ApiOkResponse({ description: 'What was found', type: SearchResultsDto })
  @ApiProblems('search-off', 'validation-failed')
  find(@Query() query: SearchQueryDto): Promise<SearchResultsDto> {
    return this.documentation.search(query);
  }

  @Get(':symbol')
  @Header('content-type', 'application/json')
  @CacheResponse(UNTIL_NEXT_SNAPSHOT)
  @ApiOperation({ summary: 'Get an entry of the documentation', description: 'One entry by its whole name.' })
  @ApiOkResponse({ description: 'The entry', type: EntryDto })
  @ApiProblems('search-off', 'symbol-not-found', 'validation-failed')
  get(@Param() { symbol }: SymbolPathDto, @Query() { kind, url }: SymbolKindDto): Promise<EntryDto> {
    return this.documentation.get(symbol, kind, url);
  }
}
