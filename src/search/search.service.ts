import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { ResponseCache } from '../http/cache/response-cache.js';
import { ProblemException } from '../http/problems.js';
import { SNAPSHOT } from '../snapshot/snapshot.module.js';
import { Snapshots } from '../snapshot/snapshots.js';
import { findCandidates } from './candidates.js';
import { EntryDto } from './dto/entry.dto.js';
import type { SearchQueryDto } from './dto/search-query.dto.js';
import type { SearchResultDto, SearchResultsDto } from './dto/search-results.dto.js';
import { Entry } from './entry.entity.js';
import { rankTraits } from './rank-traits.js';
import { rank, type Ranked } from './ranking.js';
import { SearchQuery } from './search-query.js';
import { snippetOf } from './snippet.js';
import { SNAPSHOT_TAG } from './until-next-snapshot.js';

/** Of a long text only so much is looked at for its snippet. */
const SNIPPET_SOURCE = 3_000;

/** Finds entries of the documentation. */
@Injectable()
export class SearchService {
  constructor(
    @InjectRepository(Entry, SNAPSHOT) private readonly entries: Repository<Entry>,
    private readonly snapshots: Snapshots,
    cache: ResponseCache,
  ) {
    snapshots.beforeSwap(rankTraits);
    snapshots.onSwap(() => cache.invalidate(SNAPSHOT_TAG));
  }

  /** @throws SnapshotOffError where there is nothing to search in */
  search({ q, kind, limit, offset }: SearchQueryDto): Promise<SearchResultsDto> {
    // All of it from one snapshot: ids of another are other entries.
    return this.snapshots.read(async () => {
      const query = new SearchQuery(q, kind);
      if (query.isEmpty) return { total: 0, results: [] };
      const candidates = await findCandidates(this.entries.manager, query);
      const ranked = rank(candidates, await rankTraits(this.entries.manager), query);
      const results = await this.results(ranked.slice(offset, offset + limit), query);
      return { total: ranked.length, results };
    });
  }

  /** @throws ProblemException 404 */
  get(symbol: string, kind: string, url: string): Promise<EntryDto> {
    return this.snapshots.read(async () => {
      const ids = await this.entries.query<{ id: number }[]>(
        `SELECT entry_id AS id FROM keys JOIN entries ON id = entry_id
          WHERE key = ? AND whole AND (? = '' OR keys.kind = ? COLLATE NOCASE) ORDER BY url = ? DESC, id LIMIT 100`,
        [symbol.toLowerCase(), kind, kind, url],
      );
      const found = await this.entries.find({
        where: { id: In(ids.map(({ id }) => id)) },
        relations: { description: true },
        order: { id: 'ASC' },
      });
      const named = found.filter(({ name }) => name === symbol);
      const entry = named.find((one) => one.url === url) ?? named[0] ?? found[0];
      if (!entry) throw new ProblemException('symbol-not-found');
      return EntryDto.from(entry);
    });
  }

  private async results(page: readonly Ranked[], { terms }: SearchQuery): Promise<SearchResultDto[]> {
    const rows = await this.entries.query<(SearchResultDto & { id: number; text: string | null })[]>(
      `SELECT e.id, e.name, e.kind, e.signature, e.summary, e.page_title, e.url,
          substr(d.text, 1, ${SNIPPET_SOURCE}) AS text
        FROM entries e LEFT JOIN descriptions d ON d.id = e.description_id
        WHERE e.id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(page.map(({ id }) => id))],
    );
    const rowOf = new Map(rows.map((row) => [row.id, row]));
    return page.flatMap(({ id, score }) => {
      const row = rowOf.get(id);
      if (!row) return [];
      const { name, kind, signature, summary, page_title, url, text } = row;
      const snippet = snippetOf(text ?? '', terms);
      return [
        { name, kind, signature, summary, page_title, snippet, url, score: Math.round(score * 10) / 10 },
      ];
    });
  }
}
