import { prepareNode } from './prepare-node.js';

// Before the rest is loaded, which an old Node cannot do, and which is quicker with the cache.
prepareNode();
await import('./start.js');
