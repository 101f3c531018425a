import { scenario as list100 } from './list-100.mjs';
import { scenario as log } from './log.mjs';
import { scenario as logs1m } from './logs-1m.mjs';
import { scenario as mixed } from './mixed.mjs';
import { scenario as put } from './put.mjs';
import { scenario as readOne } from './read-one.mjs';
import { scenario as start } from './start.mjs';
import { scenario as usersItems } from './users-items.mjs';

/** All that is measured, in the order in which it is shown. */
export const SCENARIOS = [readOne, list100, usersItems, log, put, mixed, logs1m, start];
