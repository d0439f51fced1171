import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoleName, roles, rolesOn, type Server, type TopicRights } from '../../functions/roles.ts';
import { auditTopicOf, consumerGroupOf, topicOf } from '../../streaming/names.ts';
import * as cassandra from './attempts/cassandra.ts';
import { type Clients, clientsOf } from './attempts/clients.ts';
import * as kafka from './attempts/kafka.ts';
import * as postgres from './attempts/postgres.ts';
import { openPath, type Path, pipeline } from './path.ts';

/** Every role on every server tries everything: what the table of roles promises, and nothing else, is allowed. */

let path: Path;
let as: Clients;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  path = await openPath();
  as = clientsOf(path);
  closing.push(() => path.close());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const members = (server: Server) => rolesOn(server).filter((role) => roles[role][server] !== 'owner');

describe('PostgreSQL', () => {
  it.each(members('postgres'))('lets %s do what its table says, and refuses the rest', async (role) => {
    const rights = roles[role].postgres;
    if (rights === undefined || rights === 'owner') throw new Error(`${role} is no member`);
    const client = await as.asPostgres(as.loginOf('postgres', role));
    try {
      const [found, promised] = [new Map<string, readonly string[]>(), new Map<string, readonly string[]>()];
      for (const relation of await postgres.relationsOf(path.database)) {
        const isDay = /^landing_(\d{4}_\d\d_\d\d|default)$/.test(relation.name);
        found.set(relation.name, await postgres.rightsFound(client, relation));
        promised.set(relation.name, postgres.rightsPromised(rights, relation, isDay));
      }
      expect(found.size).toBeGreaterThan(20);
      expect(found).toEqual(promised);
    } finally {
      await client.end();
    }
  });

  it.each(members('postgres'))('lets %s call what its table says, and what only counts', async (role) => {
    const client = await as.asPostgres(as.loginOf('postgres', role));
    const found: string[] = [];
    for (const { name, call } of await postgres.functionsOf(path.database)) {
      if (await postgres.mayRun(client, call)) found.push(name);
    }
    await client.end();
    const rights = Object.entries(roles[role].postgres ?? {});
    const promised = rights.flatMap(([name, list]) => (list.includes('execute') ? [name] : []));
    // The accounts are asked for by the caller's own rights on what they are made of.
    const mayCount = ['runs', 'pages', 'published', 'coverage', 'erased'].every((table) =>
      rights.some(([name]) => name === table || name === '*'),
    );
    expect(found).toEqual([...promised, ...(mayCount ? ['accounts_of'] : []), 'covered_prefix', 'size'].sort());
  });

  it.each(members('postgres'))('keeps %s inside its schema', async (role) => {
    const client = await as.asPostgres(as.loginOf('postgres', role));
    try {
      for (const statement of postgres.trespasses)
        expect([statement, await run(statement)]).toEqual([statement, false]);
    } finally {
      await client.end();
    }
    async function run(statement: string) {
      // Neither may stand in a transaction.
      if (!/^(create database|alter system)/.test(statement)) return postgres.mayRun(client, statement);
      return client.query(statement).then(
        () => true,
        ({ code }) => code !== '42501',
      );
    }
  });

  it.each([
    ['create table stray (x int)', true],
    ['alter table landing add column stray int', true],
    ['create role stray login', true],
    ['alter role millrace_relay login', true],
    ['select rolpassword from pg_authid', false],
    ['set role postgres', false],
    ['alter role postgres login', false],
    ['alter role millrace_reader superuser', false],
    ['grant pg_read_all_data to millrace_reader', false],
    ["copy (select 1) to program 'true'", false],
    ["select pg_read_file('PG_VERSION')", false],
  ])('lets prepare %s: %s', async (statement, expected) => {
    const client = await as.asPostgres(as.loginOf('postgres', 'prepare'));
    expect(await postgres.mayRun(client, statement)).toBe(expected);
    await client.end();
  });

  it.each(['postgres', 'template1'])('lets nobody but the superuser into the database %s', async (database) => {
    for (const role of rolesOn('postgres')) {
      await expect(as.asPostgres(as.loginOf('postgres', role), database)).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('Kafka', () => {
  const [topic, auditTopic, group] = [topicOf(pipeline), auditTopicOf(pipeline), consumerGroupOf(pipeline)];
  const topics = [topic, auditTopic, '__consumer_offsets'];
  const groups = [group, 'spark-kafka-source-of-a-test', 'millrace-peek-a-test', 'console-consumer-1', 'stray'];

  it.each(members('kafka'))('lets %s do what its table says, and refuses the rest', async (role) => {
    const { found } = await tryAll(role);
    expect(found).toEqual(promisedTo(roles[role].kafka as TopicRights));
  });

  it('lets prepare make topics and give rights, and neither read nor write nor delete', async () => {
    const { found } = await tryAll('prepare');
    const ofTopic = ['Describe', 'Create'];
    expect(found).toEqual({
      ...Object.fromEntries(topics.map((name) => [`topic ${name}`, ofTopic])),
      ...Object.fromEntries(groups.map((name) => [`group ${name}`, []])),
      cluster: ['Describe', 'Alter'],
    });
  });

  async function tryAll(role: RoleName) {
    const { broker, close } = await kafka.brokerOf(as.asKafka(as.loginOf('kafka', role)));
    try {
      const found: Record<string, readonly string[]> = {};
      for (const name of topics) found[`topic ${name}`] = await kafka.allowed(kafka.topicAttempts(broker, name));
      for (const name of groups) found[`group ${name}`] = await kafka.allowed(kafka.groupAttempts(broker, name, topic));
      found['cluster'] = await kafka.allowed(kafka.clusterAttempts(broker));
      return { found };
    } finally {
      await close();
    }
  }

  /** Who may read or write may describe as well. */
  function promisedTo(rights: TopicRights): Readonly<Record<string, readonly string[]>> {
    const {
      topics: main = [],
      auditTopics = [],
      auditGroups = [],
      anyTopic = [],
      anyGroup = [],
      groupsOf = {},
    } = rights;
    const order = ['Describe', 'Read', 'Write', 'Delete'];
    const implied = (given: readonly string[]) =>
      order.filter((right) => given.includes(right) || (right === 'Describe' && given.length > 0));
    const prefixed = (name: string) =>
      Object.entries(groupsOf).flatMap(([prefix, given]) => (name.startsWith(prefix) ? given : []));
    return {
      [`topic ${topic}`]: implied([...main, ...anyTopic]),
      [`topic ${auditTopic}`]: implied([...auditTopics, ...anyTopic]),
      'topic __consumer_offsets': implied(anyTopic),
      ...Object.fromEntries(
        groups.map((name) => [
          `group ${name}`,
          implied([...anyGroup, ...prefixed(name), ...(name === group ? auditGroups : [])]),
        ]),
      ),
      cluster: [],
    };
  }
});

describe('Cassandra', () => {
  beforeAll(async () => {
    const owner = await as.asCassandra(as.loginOf('cassandra', 'prepare'));
    await owner.execute(cassandra.ownTableCql);
    closing.push(async () => {
      await owner.execute(`DROP TABLE IF EXISTS ${cassandra.ownTable}`);
      await owner.shutdown();
    });
  });

  it.each([
    ['stream', ['MODIFY', 'TRUNCATE']],
    ['reader', ['SELECT']],
    ['erase', ['SELECT', 'MODIFY', 'TRUNCATE']],
    ['prepare', Object.keys(cassandra.tableAttempts)],
  ])('lets %s do to a table: %s', async (role, expected) => {
    const client = await as.asCassandra(as.loginOf('cassandra', role));
    const found: string[] = [];
    for (const [right, cql] of Object.entries(cassandra.tableAttempts)) {
      if (await cassandra.mayExecute(client, cql)) found.push(right);
    }
    await client.shutdown();
    expect(found).toEqual(expected);
  });

  it.each(rolesOn('cassandra'))('keeps %s inside the keyspace', async (role) => {
    const client = await as.asCassandra(as.loginOf('cassandra', role));
    for (const cql of cassandra.trespasses)
      expect([cql, await cassandra.mayExecute(client, cql)]).toEqual([cql, false]);
    const mayRead = role !== 'stream';
    for (const table of Object.keys(pipeline.tables)) {
      expect(await cassandra.mayExecute(client, cassandra.readOf(table))).toBe(mayRead);
    }
    await client.shutdown();
  });
});
