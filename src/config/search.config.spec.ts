import { resolve } from 'node:path';
import { SettingsReader } from './environment.js';
import { SearchConfig } from './search.config.js';

describe('SearchConfig', () => {
  it("has Daybook's own documentation by default", () => {
    expect(new SearchConfig(new SettingsReader({})).file).toMatch(/\/assets\/docs\.sqlite$/);
  });

  it('reads a path, from the working directory on', () => {
    const file = (SEARCH_FILE: string) => new SearchConfig(new SettingsReader({ SEARCH_FILE })).file;
    expect(file('/srv/python.sqlite')).toBe('/srv/python.sqlite');
    expect(file('python.sqlite')).toBe(resolve('python.sqlite'));
  });
});
