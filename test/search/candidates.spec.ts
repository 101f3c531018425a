import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { buildDocs } from '../../src/docs-builder/build-docs.js';
import { findCandidates, Fit } from '../../src/search/candidates.js';
import { rankTraits } from '../../src/search/rank-traits.js';
import { rank } from '../../src/search/ranking.js';
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

  it('have a name that fits, however many more important entries have the words in their summaries', async () => {
    const terms = Array.from({ length: 250 }, (_, n) => `term${n} std:term 1 a.html#term-term${n} -`);
    const heads = terms.map((_, n) => `<dt id="term-term${n}">term${n}</dt><dd><p>About green tea.</p></dd>`);
    await writeFile(join(folder, 'a.html'), `<main><dl>${heads.join('')}</dl></main>`);
    await write('objects.inv', inventoryOf(['green_tea std:token 1 b.html#x -', ...terms].join('\n')));
    const [named] = await snapshot.query<{ id: number }[]>("SELECT id FROM entries WHERE name = 'green_tea'");
    expect(named?.id).toBe(251);
    expect((await find('tea green')).map(({ id }) => id)).toContain(251);
  });

  it('have what is said of them before what is said somewhere in their texts', async () => {
    const page = ['# Page', '## Alpha', 'Opens files.', '## Beta', 'Another thing. It opens no file.'];
    await write('page.md', page.join('\n\n'));
    const query = new SearchQuery('open file');
    const traits = await rankTraits(snapshot.manager);
    const ranked = rank(await findCandidates(snapshot.manager, query), traits, query);
    expect(ranked.map(({ id }) => traits.names[id])).toEqual(['Alpha', 'Beta']);
  });

  it.each(['sort', 'sorti', 'sortin', 'sorting', 'sorts', 'sorted'])(
    'are the same while an ending is typed: %s',
    async (word) => {
      await write('page.md', '# Page\n\n## Alpha\n\nSort the list.\n');
      expect(await find(`list ${word}`)).toContainEqual({ id: expect.any(Number), fit: Fit.Words });
    },
  );
});
