#!/usr/bin/env node
import { prepareNode } from '../prepare-node.js';

// Before the rest is loaded, which an old Node cannot do, and which is quicker with the cache.
prepareNode();
const { main } = await import('./run.js');
await main(process.argv.slice(2));
