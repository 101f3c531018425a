import { CacheConfig } from './cache.config.js';
import { SettingsReader } from './environment.js';

describe('CacheConfig', () => {
  it('keeps 16 MiB by default, and nothing with 0', () => {
    expect(new CacheConfig(new SettingsReader({})).maxBytes).toBe(16_777_216);
    expect(new CacheConfig(new SettingsReader({ CACHE_MAX_BYTES: '0' })).maxBytes).toBe(0);
  });

  it('refuses what is no number of bytes', () => {
    expect(() => new CacheConfig(new SettingsReader({ CACHE_MAX_BYTES: '16M' }))).toThrow('CACHE_MAX_BYTES');
  });
});
