import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTables, type Tables } from '../../functions/adapters/cassandra/tables.ts';
import { kafkaClient } from '../../functions/adapters/kafka/client.ts';
import { kafkaTopic } from '../../functions/adapters/kafka/topic.ts';
import { messageEncoder } from '../../functions/relay/message.ts';
import { artifactsOf } from '../../infra/stream/artifacts.ts';
import { keyspacesProfile } from '../../infra/stream/keyspaces-profile.ts';
import { scramLogin } from '../../local/services/kafka-client.ts';
import { tableAddress } from '../../local/start/secrets.ts';
import { avroSchemaOf } from '../../streaming/avro.ts';
import { tableCqlOf } from '../../streaming/cql.ts';
import { type Definition, definePipeline } from '../../streaming/definition.ts';
import { manifestOf } from '../../streaming/manifest.ts';
import { auditTopicOf, keyspace, topicOf } from '../../streaming/names.ts';
import { topicsOf } from '../../streaming/topics.ts';
import { type SparkHere, sparkAsOnAws, submit } from '../infra/stream/spark-as-on-aws.ts';
import { kinds, landed } from '../streaming/kinds.ts';
import { openPath, type Path } from './path.ts';
import { type Standalone, startStandalone } from './standalone-spark.ts';

const table = 'framed_things';
const framed: Definition = definePipeline({
  ...kinds,
  name: 'framed-things',
  tables: { [table]: kinds.tables['things'] as Definition['tables'][string] },
});
const schemaId = '0b7c2a5e-5f0e-4c52-9d0c-6a3a3f4f7d11';
const count = 200;
const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

describe('Spark on a cluster, as AWS runs it', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-standalone-'));
  let here: SparkHere;
  let on: Path;
  let tables: Tables;
  let cluster: Standalone;

  beforeAll(async () => {
    on = await openPath();
    tables = openTables({ ...tableAddress(on.platform.ports), ...on.credentials.cassandra.admin });
    await tables.execute(tableCqlOf(framed, table));
    here = await sparkAsOnAws(folder);
    writeFileSync(path.join(folder, artifactsOf('us-east-1').profile), localProfile(on));
    writeManifest(folder);
    await publish(on);
    cluster = await startStandalone(here, 29_400);
    await runJob();
  }, 1_500_000);

  afterAll(async () => {
    await cluster?.stop();
    await tables?.execute(`DROP TABLE IF EXISTS ${keyspace}.${table}`);
    await tables?.close();
    if (on) await removeTopics(on);
    await on?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The job's own entry, to the end of what there is. */
  const runJob = () =>
    submit(here, {
      master: cluster.master,
      brokers: `127.0.0.1:${on.platform.ports.kafka}`,
      longestMs: 900_000,
      settings: {
        'spark.millrace.kafka.security.protocol': 'SASL_PLAINTEXT',
        'spark.millrace.kafka.sasl.mechanism': 'SCRAM-SHA-512',
        'spark.millrace.kafka.sasl.jaas.config': scramLogin(on.credentials.kafka.admin),
        // What a client has unless told otherwise.
        'spark.millrace.kafka.sasl.client.callback.handler.class':
          'org.apache.kafka.common.security.authenticator.SaslClientCallbackHandler',
      },
      arguments: [
        ...['--manifest', path.join(folder, 'artifacts'), '--checkpoints', path.join(folder, 'checkpoints')],
        ...['--generation', '1', '--offsets', JSON.stringify({ [framed.name]: {} }), '--mode', 'available-now'],
      ],
    });

  it('ends when there is no more, and writes every record that came in Glue’s frame into its table', async () => {
    const { rows } = await on.tables.execute(`SELECT thing_id, a_text, writetime(a_text) AS version FROM ${table}`);
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map((row) => String(row['thing_id'])))).toEqual(
      new Set(Array.from({ length: count }, (_, index) => idOf(index))),
    );
    expect(new Set(rows.map((row) => row['a_text']))).toEqual(new Set([landed.a_text]));
  });

  it('reports all offsets as absorbed, and the message in another frame as a dead letter', async () => {
    const messages = await audited(on);
    const ranges = messages.filter(({ kind }) => kind === 'coverage').flatMap(({ ranges: some }) => some ?? []);
    expect(ranges.reduce((sum, { from, until }) => sum + until - from, 0)).toBe(count + 1);
    expect(ranges.reduce((sum, { dead }) => sum + dead, 0)).toBe(1);
    expect(
      messages.filter(({ kind, identity }) => kind === 'dead' && identity.startsWith(topicOf(framed))),
    ).toMatchObject([{ alien: true, reason: 'unknown_schema' }]);
  });

  it('did so in executors that got jars, profile and certificates from where the request says', () => {
    const applications = readdirSync(cluster.work);
    expect(applications).toHaveLength(1);
    const given = readdirSync(path.join(cluster.work, applications[0] ?? '', '0'));
    const { jars } = artifactsOf('us-east-1');
    expect(given).toEqual(expect.arrayContaining(['keyspaces.conf', 'truststore.jks', 'modules.zip']));
    expect(given).toEqual(expect.arrayContaining(jars.map((key) => path.basename(key))));
    expect(readFileSync(path.join(cluster.work, applications[0] ?? '', '0', 'stderr'), 'utf8')).toContain(
      'using configuration from keyspaces.conf',
    );
  });
});

/** The profile of Keyspaces, all of it but where the server is and who logs in. */
function localProfile({ platform, credentials }: Path): string {
  const { host, port, datacenter } = tableAddress(platform.ports);
  const { user, password } = credentials.cassandra.admin;
  const profile = JSON.parse(keyspacesProfile('us-east-1'));
  const { basic, advanced } = profile['datastax-java-driver'];
  basic['contact-points'] = [`${host}:${port}`];
  basic['load-balancing-policy']['local-datacenter'] = datacenter;
  advanced['auth-provider'] = { class: 'PlainTextAuthProvider', username: user, password };
  delete advanced['ssl-engine-factory'];
  return JSON.stringify(profile);
}

/** What `prepare` writes. */
function writeManifest(folder: string): void {
  mkdirSync(path.join(folder, 'artifacts', 'schemas'), { recursive: true });
  writeFileSync(path.join(folder, 'artifacts', 'manifest.json'), JSON.stringify(manifestOf([framed])));
  const schema = path.join(folder, 'artifacts', 'schemas', `${schemaId}.avsc`);
  writeFileSync(schema, JSON.stringify(avroSchemaOf(framed)));
}

/** By the relay's own encoder, with an id of Glue; and one message whose frame is of the other registry. */
async function publish({ platform, credentials }: Path): Promise<void> {
  const login = { brokers: [`127.0.0.1:${platform.ports.kafka}`], ...credentials.kafka.admin };
  const topic = kafkaTopic(kafkaClient(login));
  try {
    for (const spec of topicsOf(framed)) await topic.ensureTopic(spec);
    const encode = messageEncoder(framed, schemaId);
    const other = messageEncoder(framed, 7);
    const now = Date.now() * 1000;
    const row = (index: number) => ({
      ...{ seq: index + 1, run: '2026-11-24T17:00:00Z', origin: now + index, version: now + index },
      payload: { ...landed, thing_id: idOf(index) },
    });
    await topic.send(topicOf(framed), [
      ...Array.from({ length: count }, (_, index) => encode(row(index))),
      other(row(count)),
    ]);
  } finally {
    await topic.close();
  }
}

async function removeTopics({ kafka }: Path): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: topicsOf(framed).map(({ name }) => name) });
  await admin.disconnect();
}

interface Audited {
  readonly kind: string;
  readonly identity: string;
  readonly ranges?: readonly { from: number; until: number; dead: number }[];
}

/** Everything on the audit topic. */
async function audited({ kafka }: Path): Promise<readonly Audited[]> {
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(auditTopicOf(framed));
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: 'standalone-test' });
  const messages: Audited[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: auditTopicOf(framed), fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        messages.push(JSON.parse(message.value?.toString() ?? ''));
        if (Number(message.offset) + 1 >= Number(end?.high)) resolve();
      },
    });
  });
  await consumer.disconnect();
  return messages;
}
