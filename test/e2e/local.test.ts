import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../local/commands/status-report.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { removeDatabase } from '../../local/install/postgres-host.ts';
import type { Verdict } from '../../local/once/verdict.ts';
import { statesOf } from '../../local/service-states.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { endLeftovers, interrupt, jsonLines, run, start } from './command.ts';
import { until } from './path.ts';
import { processesNaming } from './processes.ts';

const minutes = 60_000;

describe('npm run local', () => {
  const data = mkdtempSync(join(os.tmpdir(), 'millrace-commands-'));
  const own = `--data ${data} --port-base 24100 --no-airflow`;
  const users = '--pipeline random-users';
  let server: SourceServer;

  beforeAll(async () => {
    server = await startSourceServer({ people: peopleOf('commands') });
  });
  afterAll(async () => {
    await server?.stop();
    await endLeftovers();
    await run(`npm run local -- --down --data ${data}`);
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
      '--detach',
      '--down',
      '--reset',
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

  it.each([
    ['npm run local --once', 'npm run local -- --once'],
    ['npm run logs kafka --lines 3', 'npm run logs -- --lines'],
    ['npm run query users --limit 3', 'npm run query -- --limit'],
  ])('explains options that npm took for itself: %s', async (line, instead) => {
    const { code, err } = await run(line);
    expect(code).toBe(2);
    expect(err).toContain(instead);
  });

  it.each(['sql -- x', 'cql -- x', 'peek -- random-users.v1', 'kafka -- topics --list', 'status --'])(
    'nothing runs, and %s says how to start it',
    async (verb) => {
      const { code, out, err } = await run(`npm run ${verb.replace('--', `-- --data ${data}`)}`);
      expect([code, out + err]).toEqual([1, expect.stringMatching(/othing runs.*npm run local -- --data/)]);
    },
  );

  it.each([
    ['an unknown pipeline', '--pipeline people', /expected one of random-users, .*, got people/],
    ['no number of records', '--once --records many', /expected a whole number of at least 1, got many/],
    ['records without --once', '--records 5', /--records needs --once/],
    ['a source that is none', '--source ftp://example --pipeline random-users', /expected live, sample or an http/],
    ['a port that is none', '--port-base 70000', /--port-base must be a whole number/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await run(`npm run local -- ${args} --data ${data}`);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });

  it('says who has a port that it needs, and leaves nothing behind', { timeout: 10 * minutes }, async () => {
    const taken = createServer().listen(24_104, '127.0.0.1');
    const { code, err } = await run(`npm run local -- --once --source sample ${own}`);
    taken.close();
    expect(code).toBe(1);
    expect(err).toMatch(/24104 \(cassandra\).*--port-base/s);
    expect(processesNaming(data)).toEqual([]);
  });

  it('serves until Ctrl-C, does a run beside it, and leaves no process', { timeout: 40 * minutes }, async () => {
    const serving = start(`npm run local -- --source sample ${own}`);
    await until('the platform to be ready', 900, async () =>
      serving.said().includes('Ready after') || serving.child.exitCode !== null ? true : undefined,
    );
    await until('the status', 300, async () =>
      /^ landing +[1-9]\d*00 landed/m.test(serving.said()) ? true : undefined,
    );
    const beside = await run(`npm run local -- --once --records 300 --json ${users} --source ${server.url} ${own}`);
    expect(jsonLines<Verdict>(beside.out).at(-1)).toMatchObject({ verdict: 'balanced', source: 300, table: 300 });
    const mixed = await run(`npm run local -- --once --source live ${own}`);
    expect([mixed.code, mixed.err]).toEqual([1, expect.stringMatching(/holds sample records, and the two never mix/)]);
    const second = await run(`npm run local -- ${own}`);
    expect(second.code).toBe(1);
    expect(second.out).toMatch(/A platform runs on .* since \S+Z \(pid \d+\)/);
    interrupt(serving);
    const { code, out } = await serving.ended();
    expect(code).toBe(0);
    expect(out).toMatch(/SIGINT: stopping.*Stopping\.\s*$/s);
    expect(processesNaming(data)).toEqual([]);
  });

  it.each([
    ['the servers start', 'postgres   ready', ''],
    ['the stream starts', 'stores     ready', ''],
    ['a start in the background is shown', 'postgres   ready', '--detach '],
  ])('stops at once, and leaves no process, on Ctrl-C while %s', { timeout: 20 * minutes }, async (_, moment, how) => {
    const starting = start(`npm run local -- ${how}${own}`);
    await until(moment, 600, async () =>
      starting.said().includes(moment) || starting.child.exitCode !== null ? true : undefined,
    );
    interrupt(starting);
    const { out, err } = await starting.ended();
    expect(out + err).toMatch(/stopped by SIG(INT|TERM)/);
    expect(processesNaming(data)).toEqual([]);
  });

  it('ends with npm, when npm is told to end', { timeout: 30 * minutes }, async () => {
    const serving = start(`npm run local -- ${own}`);
    await until('the platform to be ready', 900, async () =>
      serving.said().includes('Ready after') ? true : undefined,
    );
    serving.child.kill('SIGTERM');
    await serving.ended();
    await until('everything to stop', 240, async () => (processesNaming(data).length === 0 ? true : undefined));
  });

  it('starts again on the same data, and --once ends by itself with one JSON line', {
    timeout: 30 * minutes,
  }, async () => {
    const { code, out } = await run(
      `npm run local -- --once --records 500 --json ${users} --source ${server.url} ${own}`,
    );
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

  it('ends with 1 and the reason when the source cannot be reached', { timeout: 30 * minutes }, async () => {
    const { code, err, out } = await run(`npm run local -- --once ${users} --source http://127.0.0.1:9/api/ ${own}`);
    expect(code).toBe(1);
    expect(err + out).toMatch(/127\.0\.0\.1:9/);
    expect(processesNaming(data)).toEqual([]);
  });

  it('says in front why a start in the background failed', { timeout: 10 * minutes }, async () => {
    const taken = createServer().listen(24_104, '127.0.0.1');
    const { code, out } = await run(`npm run local -- --detach --source sample ${own}`);
    taken.close();
    expect([code, out]).toEqual([1, expect.stringMatching(/24104 \(cassandra\)/)]);
    expect(processesNaming(data)).toEqual([]);
  });

  it('starts afresh in the background, tells a server that dies, and runs until --down', {
    timeout: 40 * minutes,
  }, async () => {
    openDataFolder(data);
    const up = await run(`npm run local -- --detach --reset --yes --source sample ${own}`);
    expect([up.code, up.out]).toEqual([0, expect.stringMatching(/Removed .*Ready after .*--down --data/s)]);
    const again = await run(`npm run local -- --detach ${own}`);
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/A platform runs on/)]);
    const reset = await run(`npm run local -- --reset --yes ${own}`);
    expect([reset.code, reset.err]).toEqual([1, expect.stringMatching(/A platform runs on .* Stop it first/)]);

    const fresh = await until('the first run', 600, async () => {
      const [report] = jsonLines<StatusReport>((await run(`npm run status -- --json --data ${data}`)).out);
      const isThere = report?.pipelines.every(({ newest_complete, lag }) => newest_complete && lag === 0);
      // A minute holds no run when one landed early and the next one late.
      return report && isThere && landedLately(report) > 0 ? report : undefined;
    });
    expect(fresh.problems).toEqual([]);
    expect(fresh.pipelines.map(({ scheduled }) => scheduled)).toEqual(pipelines.map(() => true));
    // Whole runs: how many of them a minute holds is the schedule's and the machine's.
    expect(landedLately(fresh) % 100).toBe(0);

    const registry = fresh.services.find(({ name }) => name === 'registry')?.pid as number;
    process.kill(registry, 'SIGKILL');
    const next = await until('the next registry', 60, async () => {
      const pid = statesOf(data).find(({ name }) => name === 'registry')?.pid;
      return pid === registry ? undefined : (pid ?? undefined);
    });
    // Held while it starts: it might be well before the command has looked.
    process.kill(next, 'SIGSTOP');
    const unwell = await run(`npm run status -- --data ${data}`);
    process.kill(next, 'SIGCONT');
    expect([unwell.code, unwell.out]).toEqual([
      1,
      expect.stringMatching(/^! registry is \w+ -> npm run logs -- registry --data/m),
    ]);
    await until('the registry to be back', 300, async () =>
      (await run(`npm run status -- --data ${data}`)).code === 0 ? true : undefined,
    );

    const down = await run(`npm run local -- --down --data ${data}`);
    expect([down.code, down.out]).toEqual([0, expect.stringMatching(/Stopping the platform .*Stopped\./s)]);
    expect(processesNaming(data)).toEqual([]);
    expect((await run(`npm run local -- --down --data ${data}`)).out).toContain('Nothing runs');
  });
});

const landedLately = (report: StatusReport) =>
  report.pipelines.find(({ pipeline }) => pipeline === 'random-users')?.landed_last_minute ?? 0;
