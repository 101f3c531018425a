import { SettingsReader } from './environment.js';
import { TasksConfig } from './tasks.config.js';

const read = (value: string) => new TasksConfig(new SettingsReader({ TASKS_IMPORT_MAX_BYTES: value }));

it('takes what is set, and 32 MiB where nothing is', () => {
  expect(read('').importMaxBytes).toBe(33_554_432);
  expect(read('2048').importMaxBytes).toBe(2_048);
});

it.each(['1023', '268435457', '1mb'])('refuses %s', (value) => {
  expect(() => read(value)).toThrow('Setting TASKS_IMPORT_MAX_BYTES must be a whole number');
});
