import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './postgres.server.js';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

interface Node {
  readonly folder: string;
  readonly port: number;
}

/** A PostgreSQL that commits only what a second one has, too: Debian's, as npm's has no pg_basebackup. */
export class PostgresPair {
  private constructor(
    private readonly folder: string,
    private readonly bin: string,
    private readonly owner: { uid?: number; gid?: number },
    private primary: Node,
    private standby: Node,
  ) {}

  static async start(): Promise<PostgresPair> {
    if (!existsSync(DEBIAN)) throw new Error("This needs Debian's PostgreSQL: apt-get install postgresql");
    const version = readdirSync(DEBIAN)
      .toSorted((a, b) => Number(a) - Number(b))
      .at(-1)!;
    const folder = await mkdtemp(join(tmpdir(), 'daybook-pair-'));
    // PostgreSQL refuses to run as root.
    const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
    if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
    await chmod(folder, 0o755);
    const [first, second] = await Promise.all([freePort(), freePort()]);
    const nodes = [first, second].map((port) => ({ folder: join(folder, `node-${port}`), port }));
    const pair = new PostgresPair(folder, join(DEBIAN, version, 'bin'), owner, nodes[0]!, nodes[1]!);
    await pair.run('initdb', [
      '-D',
      nodes[0]!.folder,
      '-U',
      'daybook',
      '--auth=trust',
      '-E',
      'UTF8',
      '--locale=C',
    ]);
    await pair.begin(nodes[0]!);
    await pair.addStandby();
    return pair;
  }

  get url(): string {
    return `postgres://daybook@127.0.0.1:${this.primary.port}/postgres`;
  }

  get port(): number {
    return this.primary.port;
  }

  /** Kills the primary, and has the other take its place. */
  async failOver(): Promise<void> {
    await this.run('pg_ctl', ['stop', '-D', this.primary.folder, '-m', 'immediate', '-w']);
    await this.run('pg_ctl', ['promote', '-D', this.standby.folder, '-w']);
    [this.primary, this.standby] = [this.standby, this.primary];
  }

  /** Makes the one that is not the primary a standby. Resolves when commits wait for it. */
  async addStandby(): Promise<void> {
    const { folder } = this.standby;
    await rm(folder, { recursive: true, force: true });
    await this.run('pg_basebackup', ['-D', folder, '-R', '-c', 'fast', '-d', this.url]);
    await this.begin(this.standby);
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      const sync = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'";
      while ((await client.query(sync)).rowCount === 0) await client.query('SELECT pg_sleep(0.05)');
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    for (const { folder } of [this.standby, this.primary]) {
      await this.run('pg_ctl', ['stop', '-D', folder, '-m', 'immediate', '-w']).catch(() => undefined);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async begin({ folder, port }: Node): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      port,
      synchronous_standby_names: '*',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    await writeFile(join(folder, 'postgresql.auto.conf'), lines.join(''), { flag: 'a' });
    await this.run('pg_ctl', ['start', '-D', folder, '-w', '-l', join(this.folder, `${port}.log`)]);
  }

  private async run(command: string, args: string[]): Promise<void> {
    await run(join(this.bin, command), args, { cwd: this.folder, ...this.owner });
  }
}
