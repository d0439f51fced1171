import type { Tables } from '../../../functions/adapters/cassandra/tables.ts';
import type { Artifacts, Registry, TopicAdmin } from '../../../functions/ports.ts';
import type { Groundwork, PreparePorts } from '../../../functions/prepare/prepare.ts';

/** Stores in memory; `log` holds what was done to them, in order. */
export function emptyStores() {
  const log: string[] = [];
  const files = new Map<string, string>();
  const schemas: { id: number; schema: object }[] = [];
  const hashes = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  const known = new Set<string>();
  const once = (name: string) => {
    const isNew = !known.has(name);
    known.add(name);
    return isNew;
  };

  const groundwork: Groundwork = {
    migrate: async () => (once('001') ? ['001'] : []),
    landingDays: async (_first, count) => (once('days') ? Array.from({ length: count }, (_, day) => `day ${day}`) : []),
    addPipeline: async (name, first) => {
      log.push(`pipeline ${name} from ${first.toISOString()}`);
      return once(`pipeline ${name}`);
    },
    expressions: async () => hashes,
    keepExpressions: async (table, kept) => {
      for (const [column, hash] of kept) hashes.set(`${table}.${column}`, hash);
    },
  };
  const topic: TopicAdmin = {
    send: async () => new Map(),
    offsets: async () => [],
    ensureTopic: async ({ name, partitions, maxMessageBytes }) => {
      log.push(`topic ${name} ${partitions} ${maxMessageBytes}`);
      return once(name) ? 'created' : 'present';
    },
  };
  const registry: Registry = {
    register: async (_subject, schema) => {
      const found = schemas.find((version) => JSON.stringify(version.schema) === JSON.stringify(schema));
      if (!found) schemas.push({ id: schemas.length + 1, schema });
      return found?.id ?? schemas.length;
    },
    versions: async () => schemas,
  };
  const tables: Tables = {
    readyKeyspace: async () => void log.push('keyspace'),
    columns: async (table) => columns.get(table) ?? new Map(),
    execute: async (cql) => void log.push(cql),
    close: async () => undefined,
  };
  const artifacts: Artifacts = {
    write: async (name, text) => {
      log.push(`file ${name}`);
      files.set(name, text);
    },
  };
  const rights: PreparePorts['rights'] = {
    onLanding: async () => void log.push('rights on landing'),
    onTopics: async (pipelines) => void log.push(`rights on topics of ${pipelines.map(({ name }) => name).join()}`),
    onTables: async () => void log.push('rights on tables'),
  };
  const ports: PreparePorts = {
    groundwork,
    topic,
    registry,
    tables,
    artifacts,
    rights,
    now: new Date('2026-11-24T17:00:30Z'),
  };
  return { ports, log, files, schemas, hashes, columns };
}
