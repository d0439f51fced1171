import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeDatabase } from '../../local/install/postgres-host.ts';
import type { Verdict } from '../../local/once/verdict.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { endLeftovers, interrupt, run, start } from './command.ts';
import { openPath, type Path, until } from './path.ts';
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
  }, 5 * minutes);
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

  it('status has a line per noun, and the same as JSON', async () => {
    const { code, out } = await run(`npm run status -- --data ${data}`);
    for (const noun of ['source', 'landing', 'topic', 'stream', 'table'])
      expect(out).toMatch(new RegExp(`^ ${noun} `, 'm'));
    expect(code).toBe(0);
    const [json] = jsonLines<{ pipelines: { covered: number }[] }>(
      (await run(`npm run status -- --json --data ${data}`)).out,
    );
    expect(json?.pipelines[0]?.covered).toBeGreaterThanOrEqual(1000);
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

describe('npm run local', () => {
  const data = mkdtempSync(join(os.tmpdir(), 'millrace-commands-'));
  const own = `--data ${data} --port-base 24100`;
  let server: SourceServer;

  beforeAll(async () => {
    server = await startSourceServer({ people: peopleOf('commands') });
  });
  afterAll(async () => {
    await server?.stop();
    await endLeftovers();
    removeDatabase({ id: readFileSync(join(data, 'id'), 'utf8').trim() });
    rmSync(data, { recursive: true, force: true });
  });

  it('--help lists the options', async () => {
    const { code, out } = await run('npm run local -- --help');
    expect(code).toBe(0);
    for (const option of [
      '--once',
      '--records',
      '--instant',
      '--source',
      '--pipeline',
      '--json',
      '--data',
      '--port-base',
      '--check',
    ]) {
      expect(out).toContain(option);
    }
  });

  it('--check says what is there and what would be downloaded, and starts nothing', async () => {
    const { code, out } = await run(`npm run local -- --check ${own}`);
    expect(code).toBe(0);
    for (const need of ['Node', 'Java', 'Maven', 'Python', 'Disk', 'Memory'])
      expect(out).toMatch(new RegExp(`^ok +${need}`, 'm'));
    expect(out).toMatch(/downloaded/);
  });

  it('explains options that npm took for itself', async () => {
    const { code, err } = await run('npm run local --once');
    expect(code).toBe(2);
    expect(err).toContain('npm run local -- --once');
  });

  it.each([
    ['an unknown pipeline', '--pipeline people', /expected one of random-users, got people/],
    ['no number of records', '--once --records many', /expected a whole number of at least 1, got many/],
    ['records without --once', '--records 5', /--records needs --once/],
    ['a source that is none', '--source ftp://example', /expected live, sample or an http/],
    ['a port that is none', '--port-base 70000', /--port-base must be a whole number/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await run(`npm run local -- ${args} --data ${data}`);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });

  it('says who has a port that it needs, and leaves nothing behind', { timeout: 2 * minutes }, async () => {
    const taken = createServer().listen(24_104, '127.0.0.1');
    const { code, err } = await run(`npm run local -- --once --source sample ${own}`);
    taken.close();
    expect(code).toBe(1);
    expect(err).toMatch(/24104 \(cassandra\).*--port-base/s);
    expect(processesNaming(data)).toEqual([]);
  });

  it('serves until Ctrl-C, does a run beside it, and leaves no process', { timeout: 10 * minutes }, async () => {
    const serving = start(`npm run local -- --source sample ${own}`);
    await until('the platform to be ready', 300, async () =>
      serving.said().includes('Ready after') || serving.child.exitCode !== null ? true : undefined,
    );
    await until('the status', 60, async () =>
      /^ landing +[1-9]\d*00 landed/m.test(serving.said()) ? true : undefined,
    );
    const beside = await run(`npm run local -- --once --records 300 --json --source ${server.url} ${own}`);
    expect(jsonLines<Verdict>(beside.out).at(-1)).toMatchObject({ verdict: 'balanced', source: 300, table: 300 });
    const mixed = await run(`npm run local -- --once --source live ${own}`);
    expect([mixed.code, mixed.err]).toEqual([1, expect.stringMatching(/holds sample records, and the two never mix/)]);
    const second = await run(`npm run local -- ${own}`);
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/in use by another runner \(pid \d+\)/);
    interrupt(serving);
    const { code, out } = await serving.ended();
    expect(code).toBe(0);
    expect(out).toMatch(/SIGINT: stopping.*Stopping\.\s*$/s);
    expect(processesNaming(data)).toEqual([]);
  });

  it.each([
    ['the servers start', 'postgres   ready'],
    ['the stream starts', 'stores     ready'],
  ])('stops at once, and leaves no process, on Ctrl-C while %s', { timeout: 5 * minutes }, async (_, moment) => {
    const starting = start(`npm run local -- ${own}`);
    await until(moment, 120, async () =>
      starting.said().includes(moment) || starting.child.exitCode !== null ? true : undefined,
    );
    interrupt(starting);
    const { out, err } = await starting.ended();
    expect(out + err).toMatch(/stopped by SIGINT/);
    expect(processesNaming(data)).toEqual([]);
  });

  it('ends with npm, when npm is told to end', { timeout: 5 * minutes }, async () => {
    const serving = start(`npm run local -- ${own}`);
    await until('the platform to be ready', 300, async () =>
      serving.said().includes('Ready after') ? true : undefined,
    );
    serving.child.kill('SIGTERM');
    await serving.ended();
    await until('everything to stop', 60, async () => (processesNaming(data).length === 0 ? true : undefined));
  });

  it('starts again on the same data, and --once ends by itself with one JSON line', {
    timeout: 10 * minutes,
  }, async () => {
    const { code, out } = await run(`npm run local -- --once --records 500 --json --source ${server.url} ${own}`);
    expect(code).toBe(0);
    const verdict = jsonLines<Verdict>(out).at(-1) as Verdict;
    expect(verdict).toMatchObject({
      verdict: 'balanced',
      pipeline: 'random-users',
      source: 500,
      landing: 500,
      topic: 500,
      stream: 500,
      table: 500,
      dead: 0,
      expired: 0,
    });
    expect(verdict.seconds.start).toBeGreaterThan(0);
    expect(verdict.latencyMs.p50).toBeGreaterThan(0);
    expect(processesNaming(data)).toEqual([]);
  });

  it('ends with 1 and the reason when the source cannot be reached', { timeout: 10 * minutes }, async () => {
    const { code, err, out } = await run(`npm run local -- --once --source http://127.0.0.1:9/api/ ${own}`);
    expect(code).toBe(1);
    expect(err + out).toMatch(/127\.0\.0\.1:9/);
    expect(processesNaming(data)).toEqual([]);
  });
});

function jsonLines<T>(out: string): T[] {
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}
