import { LogEntry } from '../logs/log-entry.entity.js';
import { LogSweep } from '../logs/retention/log-sweep.entity.js';
import { Note } from '../notes/note.entity.js';
import { TaskDetails } from '../tasks/task-details.entity.js';
import { TaskList } from '../tasks/task-list.entity.js';
import { TaskStep } from '../tasks/task-step.entity.js';
import { TaskStore } from '../tasks/task-store.entity.js';
import { Task } from '../tasks/task.entity.js';
import { Item } from '../users/item.entity.js';
import { User } from '../users/user.entity.js';

/** What is carried from one database to another, in the order that exports have. */
export const exportedEntities = [
  LogEntry,
  Note,
  Task,
  TaskList,
  TaskDetails,
  TaskStep,
  TaskStore,
  User,
  Item,
];

/** Everything that is kept. A list and not a file pattern: it is the same from source, from dist and in tests. */
export const entities = [...exportedEntities, LogSweep];
