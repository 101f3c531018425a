import { Description } from '../search/description.entity.js';
import { Entry } from '../search/entry.entity.js';

/** What a snapshot holds for repositories. */
export const snapshotEntities = [Entry, Description];
