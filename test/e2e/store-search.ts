import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { javaModules } from '../../local/services/cassandra-config.ts';
import { keyspace } from '../../streaming/names.ts';
import type { Path } from './path.ts';

/** Looks for texts where they lie: in the stores' own files, unpacked where a store packs them, and through SQL. */

/** Where PostgreSQL keeps the data folder's database: that of root lies outside of it. */
export function databaseFolder(data: string): string {
  const ofRoot = join('/var/lib/millrace', readFileSync(join(data, 'id'), 'utf8').trim());
  return join(existsSync(ofRoot) ? ofRoot : join(data, 'data', 'postgres'), 'db');
}

/** Every row of every table as text, by table: a compressed value is unpacked, bytes are read as characters. */
export async function databaseRows({ platform, credentials }: Path): Promise<ReadonlyMap<string, readonly string[]>> {
  const { superuser } = credentials.postgres;
  const client = new pg.Client({
    host: '127.0.0.1',
    port: platform.ports.postgres,
    database: 'millrace',
    ...superuser,
  });
  await client.connect();
  try {
    const texts = new Map<string, string[]>();
    for (const { name, columns } of (await client.query<{ name: string; columns: string }>(tablesOfOurs)).rows) {
      texts.set(name, await textsOf(client, `select concat_ws(' ', ${columns}) as text from ${name}`));
    }
    // What is committed is in the log; from here on it is in the tables' files, too.
    await client.query('checkpoint');
    return texts;
  } finally {
    await client.end();
  }
}

async function textsOf(client: pg.Client, query: string): Promise<string[]> {
  try {
    return (await client.query<{ text: string }>(query)).rows.map(({ text }) => text);
  } catch (error) {
    // A day of landing that was dropped meanwhile holds nothing.
    if ((error as { code?: string }).code === '42P01') return [];
    throw error;
  }
}

const tablesOfOurs = `
  select format('%I.%I', n.nspname, c.relname) as name, string_agg(format(
    case when a.atttypid = 'bytea'::regtype then $$encode(%I, 'escape')$$ else '%I::text' end, a.attname), ', ') as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  group by 1`;

/** The segments of every partition whose folder's name begins so, each batch unpacked. */
export function segmentsText({ data }: Path, topic: string): string {
  const segments = filesIn(join(data, 'data', 'kafka'), topic, '.log');
  return segments.map((file) => batchesOf(unlessGone(() => readFileSync(file)) ?? Buffer.of()).join('\n')).join('\n');
}

/** Undefined for a file or folder that its server has removed meanwhile, as it may at any time. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Files of the folders in `parent` whose names begin so. */
function filesIn(parent: string, folder: string, ending: string): string[] {
  const folders = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .filter(({ name }) => name.startsWith(folder))
    .flatMap(({ name }) =>
      (unlessGone(() => readdirSync(join(parent, name))) ?? []).map((file) => join(parent, name, file)),
    )
    .filter((file) => file.endsWith(ending));
}

const batchHeader = 61;

/**
 * A segment's batches as characters.
 *
 *   segment = *batch
 *   batch   = base-offset:8 length:4 epoch:4 magic:1 crc:4 attributes:2 ... records   ; records from byte 61 on
 *   codec   = attributes AND 7                                                         ; 0 none, 1 gzip
 */
function batchesOf(segment: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at + batchHeader < segment.length; ) {
    const end = at + 12 + segment.readInt32BE(at + 8);
    // It is still being written.
    if (end > segment.length) break;
    const codec = segment.readInt16BE(at + 21) & 7;
    if (codec > 1) throw new Error(`batch at byte ${at}: expected codec 0 (none) or 1 (gzip), got ${codec}`);
    const records = segment.subarray(at + batchHeader, end);
    texts.push((codec === 1 ? gunzipSync(records) : records).toString('latin1'));
    at = end;
  }
  return texts;
}

/** The sstables of one of our tables that were written since a moment, through Cassandra's own tool. */
export function sstablesText(path: Path, table: string, sinceMs: number): string {
  // Links of their own: a compaction may remove the files meanwhile.
  const links = mkdtempSync(join(path.data, 'sstables-'));
  try {
    linkWhole(join(path.data, 'data', 'cassandra', 'data', keyspace), links);
    const files = filesIn(join(links, keyspace), `${table}-`, '-Data.db');
    // The table of contents is written last: without it the others are still growing.
    const whole = files.filter((file) => existsSync(file.replace(/Data\.db$/, 'TOC.txt')));
    const recent = whole.filter((file) => statSync(file).mtimeMs >= sinceMs);
    return recent.map((file) => dump(path, file)).join('\n');
  } finally {
    rmSync(links, { recursive: true });
  }
}

/** As often as it takes: a compaction may end between the look at the folder and the link. */
function linkWhole(folder: string, links: string): void {
  for (let attempt = 1; ; attempt += 1) {
    const { status, stderr } = spawnSync('cp', ['-al', folder, links], { encoding: 'utf8' });
    if (status === 0) return;
    if (attempt === 20) throw new Error(`${folder}: expected links of all files, got ${stderr}`);
    rmSync(join(links, basename(folder)), { recursive: true, force: true });
  }
}

/** With the Java and the jars of the server that runs. */
function dump({ data }: Path, file: string): string {
  const { pid } = JSON.parse(readFileSync(join(data, 'run', 'cassandra.pid'), 'utf8')) as { pid: number };
  const [java = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const jars = args[args.indexOf('-cp') + 1] ?? '';
  const config = `-Dcassandra.config=file://${join(data, 'config', 'cassandra', 'cassandra.yaml')}`;
  const tool = ['-cp', jars, 'org.apache.cassandra.tools.SSTableExport', file];
  return execFileSync(java, ['-Xmx256m', ...javaModules, config, ...tool], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What fits a pattern in any file of the folders, as its bytes lie there: `folder/file` -> words. */
export function wordsInFiles(folders: readonly string[], pattern: string): ReadonlyMap<string, readonly string[]> {
  const there = folders.filter((folder) => existsSync(folder));
  const grep = spawnSync('grep', ['-raoE', pattern, ...there], {
    encoding: 'latin1',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    maxBuffer: 256 * 1024 * 1024,
  });
  // 1: nothing found. 2: a file went away meanwhile, which servers do; anything else has no output to trust.
  if (grep.error) throw grep.error;
  const found = new Map<string, string[]>();
  for (const line of grep.stdout.split('\n').filter(Boolean)) {
    const [file = '', word = ''] = [line.slice(0, line.lastIndexOf(':')), line.slice(line.lastIndexOf(':') + 1)];
    found.set(file, [...(found.get(file) ?? []), word]);
  }
  return found;
}
