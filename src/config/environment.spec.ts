import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvFile, SettingError, SettingsReader } from './environment.js';

describe('SettingsReader', () => {
  it.each([[undefined], [''], ['  ']])('takes the default where the variable is %j', (value) => {
    const settings = new SettingsReader({ NAME: value });
    expect(settings.text('NAME', 'default')).toBe('default');
    expect(settings.integer('NAME', 7, { min: 0, max: 9 })).toBe(7);
    expect(settings.oneOf('NAME', 'b', ['a', 'b'])).toBe('b');
    expect(settings.list('NAME')).toEqual([]);
  });

  it('trims a text', () => {
    expect(new SettingsReader({ NAME: ' value ' }).text('NAME', 'default')).toBe('value');
  });

  it.each([
    ['0', 0],
    ['9', 9],
    [' 7 ', 7],
    ['007', 7],
  ])('reads the integer %j', (text, value) => {
    expect(new SettingsReader({ NAME: text }).integer('NAME', 1, { min: 0, max: 9 })).toBe(value);
  });

  it.each(['-1', '10', '1.5', '1e0', '0x1', 'x', '1 2', '٣', '9'.repeat(400), 'Infinity'])(
    'refuses the integer %s',
    (text) => {
      const settings = new SettingsReader({ NAME: text });
      expect(() => settings.integer('NAME', 1, { min: 0, max: 9 })).toThrow(
        new SettingError('NAME', `must be a whole number from 0 to 9, not "${text}"`),
      );
    },
  );

  it.each(['a', 'A', ' a '])('finds the choice %j', (text) => {
    expect(new SettingsReader({ NAME: text }).oneOf('NAME', 'b', ['a', 'b'])).toBe('a');
  });

  it('refuses what is no choice', () => {
    const settings = new SettingsReader({ NAME: 'c' });
    expect(() => settings.oneOf('NAME', 'b', ['a', 'b'])).toThrow(
      'Setting NAME must be one of a, b, not "c".',
    );
  });

  it('reads a list without its blanks and gaps', () => {
    expect(new SettingsReader({ NAME: ' a, b,,c ,' }).list('NAME')).toEqual(['a', 'b', 'c']);
  });
});

describe('loadEnvFile', () => {
  const start = process.cwd();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daybook-env-'));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(start);
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it('does nothing where there is no file', () => {
    const before = { ...process.env };
    loadEnvFile();
    expect(process.env).toEqual(before);
  });

  it('reads the file, but what the process was given wins', async () => {
    // Stubbed first, so that neither outlives the test.
    vi.stubEnv('DAYBOOK_TEST_GIVEN', 'given');
    vi.stubEnv('DAYBOOK_TEST_FROM_FILE', undefined);
    await writeFile('.env', 'DAYBOOK_TEST_GIVEN=file\nDAYBOOK_TEST_FROM_FILE=file\n');
    loadEnvFile();
    expect(process.env).toMatchObject({ DAYBOOK_TEST_GIVEN: 'given', DAYBOOK_TEST_FROM_FILE: 'file' });
  });
});
