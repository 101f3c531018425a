// What npm run lint asks dependency-cruiser: that the lists of packages in package.json are right, which tsc and the
// tests cannot tell, as all packages are there for them; and that src/database is used by its doors.
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
    {
      name: 'database-knows-nothing-of-us',
      comment: 'src/database is for any application: give it an option instead (src/database/README.md).',
      severity: 'error',
      from: { path: '^src/database/', pathNot: TESTS },
      to: { path: '^src/', pathNot: '^src/database/' },
    },
    {
      name: 'database-by-its-doors',
      comment: 'Import it from src/database/index.js, or for commands from src/database/admin.js.',
      severity: 'error',
      from: { path: '^(src/|ormconfig\\.ts$)', pathNot: ['^src/database/', TESTS] },
      to: { path: '^src/database/', pathNot: '^src/database/(index|admin)\\.ts$' },
    },
    {
      name: 'database-admin-is-for-commands',
      comment: 'src/database/admin.js has no limits of time: a feature takes src/database/index.js.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(database|storage|backup|checks|cli|transfer)/', TESTS] },
      to: { path: '^src/database/admin\\.ts$' },
    },
    {
      name: 'typeorm-internals-in-one-file',
      comment: 'What TypeORM does not document is in src/database/typeorm-internals.ts.',
      severity: 'error',
      from: { path: '^src/database/', pathNot: ['^src/database/typeorm-internals\\.ts$', TESTS] },
      to: { path: 'node_modules/typeorm/driver/' },
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
