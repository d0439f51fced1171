import path from 'node:path';
import type { Admin } from 'kafkajs';
import { openDataFolder } from '../../local/data-folder.ts';
import { registryUrl } from '../../local/services/registry.ts';
import { functionsOf } from '../../local/start/functions.ts';
import { callsBetween, type DueCall } from '../../local/timer.ts';
import { functionPrefix } from '../../stages.ts';
import { consumerGroupOf, keyspace, subjectOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { topicsOf } from '../../streaming/topics.ts';
import type { Path } from '../e2e/path.ts';
import { bundleFacts, day, daySeconds, type Entry, instantFacts, keyText, schemaFact } from './both.ts';
import type { Facts } from './facts.ts';

/** What the running platform is made of, asked of its servers. */
export async function factsHere(running: Path): Promise<Facts> {
  return new Map([
    ...(await topicFacts(running)),
    ...(await tableFacts(running)),
    ...instantsHere(),
    ...functionFacts(running),
    ...(await schemaFacts(running)),
  ]);
}

async function topicFacts({ kafka }: Path): Promise<Entry[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const names = (await admin.listTopics()).filter((name) => /\.v\d+(\.audit)?$/.test(name));
    const facts = await Promise.all(names.map((name) => factsOfTopic(admin, name)));
    return [...facts.flat(), ...(await groupFacts(admin))];
  } finally {
    await admin.disconnect();
  }
}

/** Kafka's types of a resource, and where a setting was made. */
const topicResource = 2;
const ofTopic = 1;

async function factsOfTopic(admin: Admin, name: string): Promise<Entry[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: topicResource, name }],
  });
  const own = resources[0]?.configEntries.filter(({ configSource }) => configSource === ofTopic) ?? [];
  const partitions = topics[0]?.partitions ?? [];
  return [
    [`topic/${name}/partitions`, String(partitions.length)],
    [`topic/${name}/replication`, String(partitions[0]?.replicas.length)],
    ...own.map(({ configName, configValue }): Entry => [`topic/${name}/${configName}`, configValue]),
  ];
}

async function groupFacts(admin: Admin): Promise<Entry[]> {
  const { groups } = await admin.listGroups();
  return pipelines.flatMap((pipeline) => {
    const [, audit] = topicsOf(pipeline);
    const group = groups.find(({ groupId }) => groupId === consumerGroupOf(pipeline));
    return [[`audit/${audit?.name}/group`, group?.groupId ?? 'none']] as Entry[];
  });
}

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly type: string;
  readonly kind: 'partition_key' | 'clustering' | 'regular';
  readonly position: number;
  readonly clustering_order: string;
}

async function tableFacts({ tables }: Path): Promise<Entry[]> {
  const ask = async (cql: string) => (await tables.execute(cql, [keyspace], { prepare: true })).rows;
  const made = await ask('SELECT table_name, default_time_to_live FROM system_schema.tables WHERE keyspace_name = ?');
  const columns = (await ask('SELECT * FROM system_schema.columns WHERE keyspace_name = ?')) as unknown as Column[];
  return made
    .map((row) => ({ name: String(row['table_name']), ttl: String(row['default_time_to_live']) }))
    .filter(({ name }) => !ofOtherTests.test(name))
    .flatMap(({ name, ttl }) => [
      [`table/${name}/ttl`, ttl] as Entry,
      ...columnFacts(
        name,
        columns.filter(({ table_name }) => table_name === name),
      ),
    ]);
}

/** The platform is the tests' common one. */
const ofOtherTests = /^contract_|^privileges_of_a_test/;

function columnFacts(table: string, columns: readonly Column[]): Entry[] {
  const ofKind = (kind: Column['kind']) =>
    columns.filter((column) => column.kind === kind).sort((one, other) => one.position - other.position);
  const key = keyText(
    ofKind('partition_key').map(({ column_name }) => column_name),
    ofKind('clustering').map(({ column_name, clustering_order }) => `${column_name} ${clustering_order.toUpperCase()}`),
  );
  return [
    [`table/${table}/key`, key],
    ...columns.map(({ column_name, type }): Entry => [`table/${table}/column/${column_name}`, type]),
  ];
}

/** What the timer calls in the course of a day. */
function instantsHere(): Entry[] {
  const calls = new Map<string, { readonly call: DueCall; readonly minutes: number[] }>();
  for (let minute = 0; minute < daySeconds / 60; minute += 1) {
    const now = day + minute * 60_000;
    for (const call of callsBetween(pipelines, now - 60_000, now)) {
      const key = `${call.step} ${call.event.pipeline ?? 'all'}`;
      const known = calls.get(key) ?? { call, minutes: [] };
      known.minutes.push(minute);
      calls.set(key, known);
    }
  }
  return [...calls.values()].flatMap(({ call, minutes }) =>
    instantFacts(call.step, call.event.pipeline ?? 'all', minutes, call.event),
  );
}

function functionFacts({ data, platform }: Path): Entry[] {
  const folder = openDataFolder(data);
  const bundles = path.join(folder.root, 'bundles');
  return functionsOf({ folder, ports: platform.ports, bundles, source: 'live' }).flatMap((spec) => {
    const name = spec.name.slice(functionPrefix.length);
    return [
      [`function/${name}/timeout`, String(spec.timeoutSeconds)],
      [`function/${name}/memory`, String(spec.memoryMb)],
      [`function/${name}/concurrency`, String(spec.concurrency)],
      ...bundleFacts(name, spec.bundle),
      ...Object.keys(spec.environment).map((variable): Entry => [`env/${name}/${variable}`, 'set']),
    ] as Entry[];
  });
}

async function schemaFacts({ platform }: Path): Promise<Entry[]> {
  return Promise.all(
    pipelines.map(async (pipeline) => {
      const url = `${registryUrl(platform.ports.registry)}/subjects/${subjectOf(pipeline)}/versions/latest`;
      const { schema } = (await (await fetch(url)).json()) as { schema: string };
      return schemaFact(pipeline.name, schema);
    }),
  );
}
