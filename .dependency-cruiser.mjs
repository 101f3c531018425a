// What npm run lint asks dependency-cruiser: that the lists of packages in package.json are right. tsc and the
// tests cannot tell, as all packages are there for them.
const PRODUCTION = ['^src/', '^ormconfig\\.ts$'];
const TESTS = '\\.spec\\.tsx?$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-dev-dependency-in-production',
      comment: 'npm prune --omit=dev takes this package away: move it to dependencies.',
      severity: 'error',
      from: { path: PRODUCTION, pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unlisted-package',
      comment:
        'This package is there only because another one needs it, or not at all: list it in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What npm run build makes need not be there yet.
    exclude: { path: '^dist/' },
    // Type-only imports are told from others.
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
