// Puts the compiled service and command line into few files, dist/main.js, dist/daybook.js and dist/chunks: a start of
// 2,800 files takes twice the CPU. What a start need not load stays behind an import() and is a chunk of its own.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPEORM = fileURLToPath(new URL('../node_modules/typeorm/index.js', import.meta.url));

/**
 * Native, or read from their own folders; pg, which TypeORM requires by a name that no bundler sees; and what Fastify loads
 * for schemas, which the service does not have.
 */
const EXTERNAL = [
  /^(better-sqlite3|@node-rs\/argon2|pg|pg-native|reflect-metadata|swagger-ui-dist)(\/|$)/,
  /^@fastify\/(ajv-compiler|fast-json-stringify-compiler)$/,
];

/** Optional packages that Nest and its modules look for. They are not installed, or nothing here uses them. */
const OPTIONAL =
  /^(@nestjs\/(microservices|websockets|platform-express)|class-transformer|@fastify\/(multipart|view))(\/|$)/;

/** TypeORM loads the drivers of all databases. */
const OTHER_DRIVERS =
  /\/typeorm\/driver\/(aurora-mysql|aurora-postgres|capacitor|cockroachdb|cordova|expo|mongodb|mysql|nativescript|oracle|react-native|sap|spanner|sqljs)\/|\/SqlServer(Driver|QueryRunner)\.js$/;

/** Loading these has no effect but their exports, though their package.json does not say so. */
const WITHOUT_SIDE_EFFECTS =
  /\/node_modules\/(@nestjs\/(swagger|platform-fastify)|class-validator|validator|libphonenumber-js)\//;

/** Of @nestjs/swagger, which Terminus looks for by require(), all that it uses. */
const SWAGGER_OF_TERMINUS = '\0swagger-of-terminus';

/**
 * Of these, a start needs little or nothing. Importing node:http loads all that it exports, also fetch and WebSocket, and
 * Fastify requires node:http2 and node:https for servers of those kinds.
 */
const LARGE_BUILTIN = /^(?:node:)?(http|http2|https)$/;

/** Nest asks whether its server is one of TLS, which this service has none of. */
const TLS_OF_NEST = '\0tls-of-nest';

/** A module whose exports are those of Node's own, each looked up where it is used. */
function lazyBuiltin(name) {
  const builtin = `process.getBuiltinModule('node:${name}')`;
  const names = Object.keys(process.getBuiltinModule(`node:${name}`));
  return `module.exports = { ${names.map((one) => `get ${one}() { return ${builtin}.${one}; }`).join(', ')} };`;
}

/** What Nest's own loggers write times with: 7 MB of ICU's data, and they write nothing here. */
const FORMATTER = /^const dateTimeFormatter = (new Intl\.DateTimeFormat\(.*?\));$/ms;

/** `const require = createRequire(import.meta.url)` hides from a bundler what is required. */
const CREATE_REQUIRE = /^const require = createRequire\(import\.meta\.url\);$/m;

const packages = {
  name: 'packages',
  resolveId(id, importer = '') {
    if (id === 'tls' && importer.includes('/@nestjs/core/')) return TLS_OF_NEST;
    if (LARGE_BUILTIN.test(id)) return `\0${LARGE_BUILTIN.exec(id)[1]}`;
    if (OPTIONAL.test(id)) return { id, external: true };
    // Nest's own ValidationPipe, which is not used, would take all of it, phone numbers of the world included.
    if (id === 'class-validator' && importer.includes('/@nestjs/common/')) return { id, external: true };
    if (id === '@nestjs/swagger' && importer.includes('/@nestjs/terminus/')) return SWAGGER_OF_TERMINUS;
    return undefined;
  },
  load(id) {
    if (id === SWAGGER_OF_TERMINUS) {
      return "export { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';";
    }
    if (id === TLS_OF_NEST) return 'export class Server {}';
    if (LARGE_BUILTIN.test(id.slice(1))) return lazyBuiltin(id.slice(1));
    return OTHER_DRIVERS.test(id) ? 'module.exports = {};' : undefined;
  },
  transform(code, id) {
    if (id.includes('/@nestjs/common/services/')) {
      return code.replace(FORMATTER, 'const dateTimeFormatter = { format: (time) => $1.format(time) };');
    }
    return id.includes('/node_modules/') ? code.replace(CREATE_REQUIRE, '') : undefined;
  },
};

/** The service finds its own files beside its modules, so each keeps the URL that it has in dist/src. */
const urls = {
  name: 'urls',
  transform(code, id) {
    if (!id.startsWith(DIST)) return undefined;
    return code.replaceAll(
      'import.meta.url',
      `new URL(${JSON.stringify(relative(DIST, id))}, __DAYBOOK_DIST__).href`,
    );
  },
  renderChunk(code, { fileName }) {
    return code.replaceAll(
      '__DAYBOOK_DIST__',
      `new URL('${fileName.includes('/') ? '..' : '.'}/', import.meta.url)`,
    );
  },
};

const bundle = await rolldown({
  input: { main: `${DIST}src/main.js`, daybook: `${DIST}src/cli/daybook.js` },
  platform: 'node',
  external: EXTERNAL,
  // ES modules where a package has them, of which unused parts are left out. TypeORM's are a wrapper around the others.
  resolve: { mainFields: ['module', 'main'], alias: { typeorm: TYPEORM } },
  treeshake: { moduleSideEffects: [{ test: WITHOUT_SIDE_EFFECTS, sideEffects: false }] },
  plugins: [packages, urls],
});
await bundle.write({
  dir: DIST,
  format: 'esm',
  chunkFileNames: 'chunks/[name]-[hash].js',
  // TypeORM and Swagger store the names of classes.
  keepNames: true,
  comments: false,
  // Readable, as stack traces lead here. But ASCII: for one other character V8 keeps a whole file in two bytes each.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
});
await bundle.close();
