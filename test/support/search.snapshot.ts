import type { TestProject } from 'vitest/node';
import { createDocumentation } from './documentation.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A snapshot of a small documentation, for the tests that only read it. */
    searchFile: string;
  }
}

/** Builds the small documentation once for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const documentation = await createDocumentation();
  project.provide('searchFile', documentation.snapshot);
  return () => documentation.drop();
}
