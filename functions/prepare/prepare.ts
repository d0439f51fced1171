import type { Definition } from '../../streaming/definition.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { instantOf } from '../../streaming/schedule.ts';
import { topicsOf } from '../../streaming/topics.ts';
import type { Tables } from '../adapters/cassandra/tables.ts';
import type { Artifacts, Registry, TopicAdmin } from '../ports.ts';
import { daysAhead } from '../retain/retain.ts';
import { giveRights, type Rights } from './rights.ts';
import { type Ready as ReadySchemas, readySchemas } from './schemas.ts';
import { readyTables, type TablesAnswer } from './tables.ts';

/** What prepare does in PostgreSQL. */
export interface Groundwork {
  /** Applies what is missing and answers its names; a newer database is left as it is. */
  migrate(): Promise<readonly string[]>;
  /** Makes landing's partitions of the days in [first, first + count) and answers the new ones. */
  landingDays(first: Date, count: number): Promise<readonly string[]>;
  /** Answers whether the pipeline is new; a known one keeps its first instant. */
  addPipeline(name: string, firstInstant: Date): Promise<boolean>;
  /** Hash of each column's expression on file: `table.column` -> hash. */
  expressions(tables: readonly string[]): Promise<ReadonlyMap<string, string>>;
  keepExpressions(table: string, hashes: ReadonlyMap<string, string>): Promise<void>;
}

export interface PreparePorts {
  readonly groundwork: Groundwork;
  readonly topic: TopicAdmin;
  readonly registry: Registry;
  readonly tables: Tables;
  readonly artifacts: Artifacts;
  readonly rights: Rights;
  readonly now: Date;
}

export interface PrepareAnswer {
  readonly migrations: readonly string[];
  readonly landingDays: readonly string[];
  readonly pipelines: readonly PreparedPipeline[];
}

interface PreparedPipeline extends ReadySchemas, TablesAnswer {
  readonly pipeline: string;
  readonly created: readonly string[];
}

/** Makes every store ready, in path order. Doing it again changes nothing. */
export async function prepare(pipelines: readonly Definition[], ports: PreparePorts): Promise<PrepareAnswer> {
  const migrations = await ports.groundwork.migrate();
  const landingDays = await ports.groundwork.landingDays(ports.now, daysAhead + 1);
  await ports.tables.readyKeyspace();
  const prepared: PreparedPipeline[] = [];
  for (const pipeline of pipelines) prepared.push(await preparePipeline(pipeline, ports));
  await giveRights(pipelines, ports.rights);
  // Last: a reader that finds a pipeline in the manifest finds everything else of it.
  await ports.artifacts.write('manifest.json', `${JSON.stringify(manifestOf(pipelines), null, 2)}\n`);
  return { migrations, landingDays, pipelines: prepared };
}

async function preparePipeline(pipeline: Definition, ports: PreparePorts): Promise<PreparedPipeline> {
  const firstInstant = instantOf(pipeline.schedule.every, ports.now);
  const isNew = await ports.groundwork.addPipeline(pipeline.name, firstInstant);
  const topics = await readyTopics(pipeline, ports.topic);
  const schemas = await readySchemas(pipeline, ports.registry, ports.artifacts);
  const tables = await readyTables(pipeline, ports.tables, ports.groundwork);
  return { pipeline: pipeline.name, created: [...(isNew ? ['pipeline'] : []), ...topics], ...schemas, ...tables };
}

async function readyTopics(pipeline: Definition, topic: TopicAdmin): Promise<string[]> {
  const created: string[] = [];
  for (const each of topicsOf(pipeline)) {
    if ((await topic.ensureTopic(each)) === 'created') created.push(each.name);
  }
  return created;
}
