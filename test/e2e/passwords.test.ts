import { errors } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rolesOn, userOf } from '../../functions/roles.ts';
import { registryUrl } from '../../local/services/registry.ts';
import { type Clients, clientsOf } from './attempts/clients.ts';
import * as kafka from './attempts/kafka.ts';
import { openPath, type Path } from './path.ts';

let path: Path;
let as: Clients;

beforeAll(async () => {
  path = await openPath();
  as = clientsOf(path);
});
afterAll(() => path.close());

describe('Nobody gets in by a default or an empty password', () => {
  const guesses = (user: string) => ['wrong', user, 'millrace', 'postgres', 'admin', 'password'];

  it('PostgreSQL: every user, every guess', async () => {
    for (const { user } of Object.values(path.credentials.postgres)) {
      for (const password of guesses(user)) {
        await expect(as.asPostgres({ user, password })).rejects.toMatchObject({ code: '28P01' });
      }
    }
  });

  it('PostgreSQL asks everybody and keeps no password that is empty or readable', async () => {
    const superuser = await as.asPostgres(path.credentials.postgres.superuser);
    const { rows: ways } = await superuser.query('select distinct auth_method from pg_hba_file_rules');
    const { rows: weak } = await superuser.query(
      "select rolname from pg_authid where rolcanlogin and (rolpassword like 'SCRAM-SHA-256$%') is not true",
    );
    await superuser.end();
    expect({ ways, weak }).toEqual({ ways: [{ auth_method: 'scram-sha-256' }], weak: [] });
  });

  it('Kafka: every user, every guess', async () => {
    for (const { user } of Object.values(path.credentials.kafka)) {
      // A user's at once: the broker lets everybody wait who was wrong, and takes no more than 50 new connections at a time.
      const logins = guesses(user).map((password) => as.asKafka({ user, password }).admin().connect());
      await Promise.all(logins.map((login) => expect(login).rejects.toThrow(/SASL SCRAM.* failed/)));
    }
  });

  it.each(['kafka', 'kafkaController'] as const)('Kafka: without a login on the port of %s', async (port) => {
    const { broker, close } = await kafka.brokerOf(as.asKafka(undefined, path.platform.ports[port]));
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
    const login = as.asCassandra({ user, password });
    await expect(login).rejects.toSatisfy(({ innerErrors }) =>
      Object.values(innerErrors as object).every((error) => error instanceof errors.AuthenticationError),
    );
  });

  it('Cassandra: without a login', async () => {
    await expect(as.asCassandra(undefined)).rejects.toThrow();
  });

  it('the registry knows no users: the one exception', async () => {
    expect((await fetch(`${registryUrl(path.platform.ports.registry)}/subjects`)).status).toBe(200);
  });
});
