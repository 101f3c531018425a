import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TaskList } from '../task-list.entity.js';
import { Task } from '../task.entity.js';
import { TasksExportService } from './tasks-export.service.js';

/** Lists are there, and then the database is gone. */
const gone = new Error('The database is gone');
const manager = {
  find: async (entity: unknown) => {
    if (entity === Task) throw gone;
    return entity === TaskList ? [{ id: 1, title: 'L', externalId: 'L', source: '{}' }] : [];
  },
  query: async () => [{ uuid: 'u' }],
};

const OPTIONS = { time_zone: 'UTC', safe_cells: true };

it.each(['json', 'csv'] as const)('tells the log of a %s that ends too early', async (format) => {
  const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  const service = new TasksExportService(manager as unknown as EntityManager);
  const answer = await service.answer({ format, ...OPTIONS });
  await expect(text(answer.getStream())).rejects.toThrow('The database is gone');
  expect(log).toHaveBeenCalledWith(gone);
  log.mockRestore();
});
