import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { buildDocs } from '../../src/docs-builder/build-docs.js';
import { findCandidates, Fit } from '../../src/search/candidates.js';
import { SearchQuery } from '../../src/search/search-query.js';
import { openSnapshot } from '../../src/snapshot/open-snapshot.js';
import { inventoryOf } from '../support/documentation.js';

describe('candidates', () => {
  let folder: string;
  let snapshot: DataSource;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-candidates-'));
  });
  afterEach(async () => {
    await snapshot.destroy();
    await rm(folder, { recursive: true });
  });

  const write = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    const out = join(folder, 'docs.sqlite');
    await buildDocs({ sources: [folder], out, baseUrl: '' });
    snapshot = await openSnapshot(out);
  };
  const find = (q: string, kind = '') => findCandidates(snapshot.manager, new SearchQuery(q, kind));

  it('have the whole name, however many have it as their last part and are more important', async () => {
    const methods = Array.from({ length: 300 }, (_, n) => `Class${n}.name py:method 1 a.html#$ -`);
    await write('objects.inv', inventoryOf(['name std:option 1 a.html#name -', ...methods].join('\n')));
    const found = await find('name');
    expect(found.filter(({ fit }) => fit === Fit.Name)).toHaveLength(1);
    expect(found.filter(({ fit }) => fit === Fit.LastPart)).toHaveLength(3);
  });

  it('are ordered by text only where few rows have any of the words', async () => {
    const sections = Array.from({ length: 1_500 }, (_, n) => {
      const words = ['often', n % 100 === 0 ? 'seldom' : '', n % 50 === 0 ? 'sometimes' : ''];
      return `## S${n}\n\n${words.join(' ')}\n`;
    });
    await write('page.md', `# Page\n\n${sections.join('\n')}`);
    const query = vi.spyOn(snapshot.manager, 'query');
    const statements = async (q: string) => {
      query.mockClear();
      expect(await find(q)).toHaveLength(15);
      return query.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('bm25'));
    };
    expect(await statements('seldom sometimes')).toHaveLength(1);
    expect(await statements('seldom often')).toEqual([]);
  });
});
