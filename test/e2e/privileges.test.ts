import { auth, Client, errors } from 'cassandra-driver';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoleName, roles, rolesOn, type TopicRights, userOf } from '../../functions/roles.ts';
import type { Login } from '../../local/credentials.ts';
import { registryUrl } from '../../local/services/registry.ts';
import { auditTopicOf, consumerGroupOf, topicOf } from '../../streaming/names.ts';
import * as cassandra from './attempts/cassandra.ts';
import * as kafka from './attempts/kafka.ts';
import * as postgres from './attempts/postgres.ts';
import { openPath, type Path, pipeline } from './path.ts';

/** Every role on every server tries everything: what the table of roles promises, and nothing else, is allowed. */

let path: Path;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  path = await openPath();
  closing.push(() => path.close());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

function loginOf(server: 'postgres' | 'kafka' | 'cassandra', role: string): Login {
  const login = (path.credentials[server] as Readonly<Record<string, Login>>)[role];
  if (login === undefined) throw new Error(`no login of ${role} on ${server}`);
  return login;
}

async function asPostgres(login: Login, database = 'millrace'): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: path.platform.ports.postgres, database, ...login });
  await client.connect();
  return client;
}

function asKafka(sasl: kafkajs.SASLOptions | undefined, port = path.platform.ports.kafka): kafkajs.Kafka {
  return new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    ...(sasl && { sasl }),
    ssl: false,
    requestTimeout: 5000,
    retry: { retries: 0 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

const scram = ({ user: username, password }: Login) => ({ mechanism: 'scram-sha-512', username, password }) as const;

async function asCassandra(login: Login | undefined): Promise<Client> {
  const client = new Client({
    contactPoints: [`127.0.0.1:${path.platform.ports.cassandra}`],
    localDataCenter: 'datacenter1',
    ...(login && { authProvider: new auth.PlainTextAuthProvider(login.user, login.password) }),
  });
  await client.connect().catch(async (error) => {
    await client.shutdown();
    throw error;
  });
  return client;
}

const members = (server: 'postgres' | 'kafka' | 'cassandra') =>
  rolesOn(server).filter((role) => roles[role][server] !== 'owner');

describe('PostgreSQL', () => {
  it.each(members('postgres'))('lets %s do what its table says, and refuses the rest', async (role) => {
    const rights = roles[role].postgres;
    if (rights === undefined || rights === 'owner') throw new Error(`${role} is no member`);
    const client = await asPostgres(loginOf('postgres', role));
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

  it.each(members('postgres'))('keeps %s inside its schema', async (role) => {
    const client = await asPostgres(loginOf('postgres', role));
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
    const client = await asPostgres(loginOf('postgres', 'prepare'));
    expect(await postgres.mayRun(client, statement)).toBe(expected);
    await client.end();
  });

  it.each(['postgres', 'template1'])('lets nobody but the superuser into the database %s', async (database) => {
    for (const role of rolesOn('postgres')) {
      await expect(asPostgres(loginOf('postgres', role), database)).rejects.toMatchObject({ code: '42501' });
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
      ...Object.fromEntries(topics.map((name) => [name, ofTopic])),
      ...Object.fromEntries(groups.map((name) => [name, []])),
      cluster: ['Describe', 'Alter'],
    });
  });

  async function tryAll(role: RoleName) {
    const { broker, close } = await kafka.brokerOf(asKafka(scram(loginOf('kafka', role))));
    try {
      const found: Record<string, readonly string[]> = {};
      for (const name of topics) found[name] = await kafka.allowed(kafka.topicAttempts(broker, name));
      for (const name of groups) found[name] = await kafka.allowed(kafka.groupAttempts(broker, name, topic));
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
      [topic]: implied([...main, ...anyTopic]),
      [auditTopic]: implied([...auditTopics, ...anyTopic]),
      __consumer_offsets: implied(anyTopic),
      ...Object.fromEntries(
        groups.map((name) => [name, implied([...anyGroup, ...prefixed(name), ...(name === group ? auditGroups : [])])]),
      ),
      cluster: [],
    };
  }
});

describe('Cassandra', () => {
  beforeAll(async () => {
    const owner = await asCassandra(loginOf('cassandra', 'prepare'));
    await owner.execute(cassandra.ownTableCql);
    closing.push(async () => {
      await owner.execute(`DROP TABLE IF EXISTS ${cassandra.ownTable}`);
      await owner.shutdown();
    });
  });

  it.each([
    ['stream', ['MODIFY', 'TRUNCATE']],
    ['reader', ['SELECT']],
    ['prepare', Object.keys(cassandra.tableAttempts)],
  ])('lets %s do to a table: %s', async (role, expected) => {
    const client = await asCassandra(loginOf('cassandra', role));
    const found: string[] = [];
    for (const [right, cql] of Object.entries(cassandra.tableAttempts)) {
      if (await cassandra.mayExecute(client, cql)) found.push(right);
    }
    await client.shutdown();
    expect(found).toEqual(expected);
  });

  it.each(rolesOn('cassandra'))('keeps %s inside the keyspace', async (role) => {
    const client = await asCassandra(loginOf('cassandra', role));
    for (const cql of cassandra.trespasses)
      expect([cql, await cassandra.mayExecute(client, cql)]).toEqual([cql, false]);
    const mayRead = role !== 'stream';
    for (const table of Object.keys(pipeline.tables)) {
      expect(await cassandra.mayExecute(client, cassandra.readOf(table))).toBe(mayRead);
    }
    await client.shutdown();
  });
});

describe('Nobody gets in by a default or an empty password', () => {
  const guesses = (user: string) => ['wrong', user, 'millrace', 'postgres', 'admin', 'password'];

  it('PostgreSQL: every user, every guess', async () => {
    for (const { user } of Object.values(path.credentials.postgres)) {
      for (const password of guesses(user)) {
        await expect(asPostgres({ user, password })).rejects.toMatchObject({ code: '28P01' });
      }
    }
  });

  it('PostgreSQL asks everybody and keeps no password that is empty or readable', async () => {
    const superuser = await asPostgres(path.credentials.postgres.superuser);
    const { rows: ways } = await superuser.query('select distinct auth_method from pg_hba_file_rules');
    const { rows: weak } = await superuser.query(
      "select rolname from pg_authid where rolcanlogin and rolpassword is distinct from null and rolpassword not like 'SCRAM-SHA-256$%' or rolcanlogin and rolpassword is null",
    );
    await superuser.end();
    expect({ ways, weak }).toEqual({ ways: [{ auth_method: 'scram-sha-256' }], weak: [] });
  });

  it('Kafka: every user, every guess', async () => {
    // All at once: the broker lets everybody wait who was wrong.
    const logins = Object.values(path.credentials.kafka).flatMap(({ user }) =>
      guesses(user).map((password) => asKafka(scram({ user, password })).admin().connect()),
    );
    await Promise.all(logins.map((login) => expect(login).rejects.toThrow(/SASL SCRAM.* failed/)));
  });

  it.each(['kafka', 'kafkaController'] as const)('Kafka: without a login on the port of %s', async (port) => {
    const { broker, close } = await kafka.brokerOf(asKafka(undefined, path.platform.ports[port]));
    await expect(kafka.topicAttempts(broker, 'stray')['Create']?.()).rejects.toThrow(/closed connection/i);
    await close();
  });

  it.each([
    ['cassandra', 'cassandra'],
    ['cassandra', ''],
    ['admin', 'admin'],
    ['admin', ''],
    ...rolesOn('cassandra').map((role) => [userOf(role), userOf(role)]),
  ] as [string, string][])('Cassandra: %s with %j', async (user, password) => {
    const login = asCassandra({ user, password });
    await expect(login).rejects.toSatisfy(({ innerErrors }) =>
      Object.values(innerErrors as object).every((error) => error instanceof errors.AuthenticationError),
    );
  });

  it('Cassandra: without a login', async () => {
    await expect(asCassandra(undefined)).rejects.toThrow();
  });

  it('the registry knows no users: the one exception', async () => {
    expect((await fetch(`${registryUrl(path.platform.ports.registry)}/subjects`)).status).toBe(200);
  });
});
