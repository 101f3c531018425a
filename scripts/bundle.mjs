import { rolldown } from 'rolldown';
import { fileURLToPath } from 'node:url';
import { relative, dirname } from 'node:path';
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const F = (process.env.F ?? 'main,orm,side,tr').split(',');
const t = performance.now();
const ABSENT = /^(@nestjs\/(microservices|websockets|platform-express)|class-transformer|@fastify\/(multipart|view)|cache-manager)/;
const DRIVERS = /typeorm\/driver\/(aurora-mysql|aurora-postgres|capacitor|cockroachdb|cordova|expo|mongodb|mysql|nativescript|oracle|react-native|sap|spanner|sqljs)\/|SqlServer(Driver|QueryRunner)\.js/;
const b = await rolldown({
  input: { main: dist + 'src/main.js', daybook: dist + 'src/cli/daybook.js' },
  platform: 'node',
  external: ['better-sqlite3', '@node-rs/argon2', 'swagger-ui-dist', 'pg-native','reflect-metadata'],
  resolve: { mainFields: F.includes('main')?['module','main']:undefined, alias: F.includes('orm') ? { typeorm: fileURLToPath(new URL('../node_modules/typeorm/index.js', import.meta.url)) , rxjs: fileURLToPath(new URL('../node_modules/rxjs/dist/esm/', import.meta.url))} : {} },
  treeshake: F.includes('side') ? { moduleSideEffects: [{ test: /node_modules\/@nestjs\/swagger|node_modules\/(class-validator|validator|libphonenumber-js)/, sideEffects: false }] } : true,
  logLevel: process.env.LOG ?? 'warn',
  onLog(level, log, handler) { if (process.env.LOG) handler(level, log); else if (level==='warn') console.error(log.code, log.message.split('\n')[0].slice(0,160)); },
  plugins: [{
    name: 'x',
    resolveId(s, importer) { if (ABSENT.test(s)) return { id: s, external: true }; if (s === '@nestjs/swagger' && importer?.includes('/terminus/')) return '\0terminus-swagger'; },
    load(id) { if (id === '\0terminus-swagger') return "export { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';"; if (F.includes('orm') && DRIVERS.test(id)) return 'module.exports = {}'; },
    transform(code, id) {
      if (id.includes('node_modules') && /^const require = createRequire\(import\.meta\.url\);$/m.test(code)) return code.replace(/^const require = createRequire\(import\.meta\.url\);$/m, '');
      if (id.startsWith(dist) && code.includes('import.meta.url')) {
        return code.replaceAll('import.meta.url', `new URL(${JSON.stringify('../' + relative(dist, id))}, import.meta.url).href`);
      }
    },
  }],
});
const { output } = await b.write({ dir: dist + 'bundle', format: 'esm', sourcemap: false, minify: process.env.MIN ? true : false, chunkFileNames: '[name]-[hash].js', cleanDir: true });
let total=0;
for (const o of output) if (o.type==='chunk') { total+=o.code.length; if (o.code.length > 20000) console.log(o.fileName, (o.code.length/1024|0)+'K', Object.keys(o.modules).length);}
console.log('total', total/1024|0, performance.now()-t);
if (process.env.STAT) {
  const by = new Map();
  for (const o of output) if (o.type==='chunk') for (const [id, m] of Object.entries(o.modules)) {
    const pkg = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? 'own'; const k = o.fileName.replace(/-[^-]*$/,'')+' '+pkg; by.set(k,(by.get(k)??0)+m.renderedLength);
  }
  for (const [k,v] of [...by].sort((a,b)=>b[1]-a[1]).slice(0,70)) console.log((v/1024|0)+'K',k);
}
