import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { StatusReport } from '../../local/commands/status-report.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { jsonLines, run } from './command.ts';
import { openPath, type Path, pipeline } from './path.ts';
import { listenersOf, processesNaming } from './processes.ts';

const minutes = 60_000;

describe('The commands, against a platform that runs', () => {
  const data = inject('data');
  let path: Path;

  beforeAll(async () => {
    path = await openPath();
    const { code, out } = await run(`npm run local -- --once --records 1000 --data ${data}`);
    expect(out).toMatch(/Using the platform that runs here \(pid \d+\)/);
    expect(out).toMatch(/balanced after [\d.]+ s/);
    expect(code).toBe(0);
  }, 20 * minutes);
  afterAll(() => path?.close());

  it('query shows rows of a country, newest month first, and never more than asked', async () => {
    const { code, out } = await run(
      `npm run query -- users_by_country --country Netherlands --limit 5 --json --data ${data}`,
    );
    const found = jsonLines<{ country: string; month: string; registered: string }>(out);
    expect(code).toBe(0);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(5);
    const months = found.map(({ month }) => month);
    expect(months).toEqual([...months].sort().reverse());
    for (const { country: shown, month, registered } of found) {
      expect(shown).toBe('Netherlands');
      expect(registered.slice(0, 7)).toBe(month);
    }
  });

  it('query reads one month, and one person, as a table', async () => {
    const { rows } = await path.tables.execute('SELECT user_id, full_name FROM users LIMIT 1');
    const { code, out } = await run(`npm run query -- users --user_id ${rows[0]?.['user_id']} --data ${data}`);
    expect(code).toBe(0);
    expect(out).toContain(String(rows[0]?.['full_name']));
  });

  it.each([
    ['without the key it needs', 'users_by_country', /missing --country/],
    ['of a table that does not exist', 'people', /unknown command|people/],
    ['for no rows', 'users_by_country --country Netherlands --limit 0', /expected a whole number of at least 1/],
  ])('query %s says so', async (_, args, message) => {
    const { code, err } = await run(`npm run query -- ${args} --data ${data}`);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });

  it('status has a line per service and per noun, and the same as JSON', async () => {
    const { code, out } = await run(`npm run status -- --data ${data}`);
    for (const service of ['postgres', 'kafka', 'registry', 'cassandra'])
      expect(out).toMatch(new RegExp(`^ ${service} +healthy, pid \\d+, since \\S+Z$`, 'm'));
    for (const noun of ['source', 'landing', 'topic', 'stream', 'table'])
      expect(out).toMatch(new RegExp(`^ ${noun} `, 'm'));
    expect(code).toBe(0);
    const [report] = jsonLines<StatusReport>((await run(`npm run status -- --json --data ${data}`)).out);
    expect(report).toMatchObject({
      state: 'running',
      runner: { pid: path.platform.runner.pid },
      services: ['postgres', 'kafka', 'registry', 'cassandra'].map((name) => ({ name, state: 'healthy' })),
      problems: [],
    });
    expect(report?.pipelines.map(({ pipeline: name, scheduled }) => [name, scheduled])).toEqual(
      pipelines.map(({ name }) => [name, false]),
    );
    expect(report?.pipelines.find((one) => one.pipeline === pipeline.name)).toMatchObject({
      covered: expect.toSatisfy((count: number) => count >= 1000),
      landed_last_minute: expect.any(Number),
    });
  });

  it.each(['sql', 'cql'])('%s runs the example of its own help', async (verb) => {
    const help = await run(`npm run -s ${verb} -- --help`);
    const example = new RegExp(`npm run ${verb} -- "([^"]+)"`).exec(help.out.replace(/\s+/g, ' '))?.[1] ?? '';
    expect(example).toMatch(/^select /);
    const { code, out } = await run(`npm run -s ${verb} -- --json --data ${data}`, example);
    expect(code).toBe(0);
    expect(jsonLines(out).length).toBeGreaterThan(0);
  });

  it.each([
    ['sql', 'select n from generate_series(1, 9) n', '{"n":1}'],
    ['cql', 'select full_name from users', expect.stringMatching(/^\{"full_name":".+"\}$/)],
  ])('%s shows rows up to a limit, and says that there are more', async (verb, statement, row) => {
    const { code, out, err } = await run(`npm run -s ${verb} -- --limit 1 --json --data ${data}`, statement);
    expect(out.trim()).toEqual(row);
    expect([code, err]).toEqual([0, expect.stringContaining('Cut after 1 rows')]);
  });

  it.each([
    ['sql', 'delete from runs', /read-only transaction/],
    ['cql', 'truncate users', /has no MODIFY permission/],
  ])('%s may only look', async (verb, statement, refusal) => {
    const { code, err } = await run(`npm run -s ${verb} -- --data ${data}`, statement);
    expect([code, err]).toEqual([1, expect.stringMatching(refusal)]);
  });

  it("kafka runs Kafka's own tools, as somebody who may only look", async () => {
    const tool = (args: string) => run(`npm run -s kafka -- --data ${data} ${args}`);
    expect((await tool('topics --list')).out.split('\n')).toContain('random-users.v1');
    const refused = await tool('topics --create --topic evil');
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('Authorization failed')]);
  });

  it('peek shows messages from an offset on, decoded, and leaves no group behind', async () => {
    const { code, out } = await run(`npm run -s peek -- random-users.v1 --from 0 --limit 2 --json --data ${data}`);
    const messages = jsonLines<{ value: { user_id: string }; key: string; headers: { run: string } }>(out);
    expect([code, messages.length]).toEqual([0, 2]);
    for (const { key, value, headers } of messages)
      expect([value.user_id, typeof headers.run]).toEqual([key, 'string']);
    const { out: groups } = await run(`npm run -s kafka -- --data ${data} consumer-groups --list`);
    expect(groups.trim()).not.toContain('millrace-peek-');
  });

  it('nothing listens beyond loopback', () => {
    const addresses = listenersOf(path.platform.runner.pid);
    expect(addresses).toContain(`127.0.0.1:${path.platform.ports.cassandra}`);
    expect(addresses.filter((address) => !/^127\.|^0{31}1:/.test(address))).toEqual([]);
  });

  it('no password is on a command line or in a log, and the files that hold them are private', () => {
    const { postgres, kafka, cassandra, aws } = path.credentials;
    const secrets = [...Object.values(postgres), ...Object.values(kafka), ...Object.values(cassandra)].map(
      ({ password }) => password,
    );
    secrets.push(aws.secretAccessKey);
    const lines = processesNaming(data).join('\n');
    const logs = readdirSync(join(data, 'logs')).filter((name) => name.endsWith('.log'));
    const logged = logs.map((name) => readFileSync(join(data, 'logs', name), 'utf8')).join('\n');
    expect(lines).toContain(data);
    expect(secrets.filter((secret) => lines.includes(secret) || logged.includes(secret))).toEqual([]);
    expect(statSync(join(data, 'credentials.json')).mode & 0o777).toBe(0o600);
  });
});
