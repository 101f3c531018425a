import { requireNode } from '../prepare-node.js';

// Before SQLite is loaded, which an old Node cannot do.
requireNode();
await import('./run-migrations.js');
