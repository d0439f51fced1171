import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proofs } from '../../../infra/prove/proofs.ts';
import type { Tick } from '../../../infra/prove/ticks.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { type PlayedAccount, usualAccount } from './played-aws.ts';
import { Rehearsal, unknownOptions } from './rehearsal.ts';

const names = pipelines.map(({ name }) => name);
const looks = ['--every', '0.01', '--wait', '1'];
const impatient = ['--wait', '0.2'];

interface Answer {
  readonly stage: string;
  readonly verdict: string;
  readonly ticks: readonly Tick[];
}

/** A path that does what it should: what was asked of it, and what it answers to inspect. */
class PlayedPath {
  readonly extracted: { pipeline: string; instant: string }[] = [];
  /** Of the account of a run. */
  broken: Partial<Record<string, number>> = {};
  #busy = 1;
  #looks = 0;
  #timed = 0;
  /** Looks since the last run: the job of the new version does not come at once. */
  #changedFor = 0;

  invoke(functionName: string, event: Record<string, unknown>): object {
    return functionName === 'millrace-extract' ? this.#extract(event) : this.#inspect(event);
  }

  #extract({ pipeline, instant }: Record<string, unknown>): object {
    // At first every place is taken.
    if (this.#busy > 0) {
      this.#busy -= 1;
      return { errorType: 'backpressure', errorMessage: 'no place' };
    }
    this.extracted.push({ pipeline: String(pipeline), instant: String(instant) });
    return { closed: true };
  }

  #inspect({ question, pipeline, run }: Record<string, unknown>): object {
    switch (question) {
      case 'free_instant':
        return { instant: `2026-11-24T17:0${this.extracted.length}:00Z` };
      case 'account':
        return { account: this.#account(String(pipeline), String(run)) };
      default:
        return this.#status();
    }
  }

  #account(pipeline: string, run: string): object {
    this.#looks += 1;
    const covered = this.#looks % 2 === 0 ? 100 : 60;
    const whole = { received: 100, rejected: 0, landed: 100, published: 100, covered, dead: 1, expired: 0, stored: 99 };
    const none = { lost: 0, erased: 0 };
    return { pipeline, run, closed: true, ...whole, ...none, ...this.broken };
  }

  #status(): object {
    this.#timed += 1;
    if (this.extracted.length > names.length) this.#changedFor += 1;
    const closed = (name: string) =>
      this.extracted.filter(({ pipeline }) => pipeline === name).length + (this.#timed > 2 ? 1 : 0);
    return {
      generation: { generation: this.extracted.length, version: this.#changedFor > 2 ? 'v2' : 'v1' },
      pipelines: names.map((pipeline) => ({
        pipeline,
        runs: { closed: closed(pipeline) },
        last_run: this.#timed > 2 ? 'timed' : 'own',
      })),
    };
  }
}

describe('npm run prove', { timeout: 300_000 }, () => {
  let rehearsal: Rehearsal;
  let played: PlayedPath;

  beforeAll(async () => {
    rehearsal = await Rehearsal.start();
  });
  beforeEach(() => {
    played = new PlayedPath();
    rehearsal.aws.played = accountOf(rehearsal, played);
  });
  afterAll(() => rehearsal.stop());

  const prove = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    rehearsal.run('prove', ['--yes', ...looks, ...args], { env });

  it('deploys, runs, changes, runs again, destroys, and ticks off every line that it can', async () => {
    const { code, stdout, stderr, cdk } = await prove(['--stage', 'dev', '--json']);
    const answer = JSON.parse(stdout) as Answer;
    expect({ code, verdict: answer.verdict }, stderr).toEqual({ code: 0, verdict: 'proved' });
    expect(cdk.map(({ verb }) => verb)).toEqual(['deploy', 'deploy', 'destroy']);
    expect(answer.ticks.map(({ id, state }) => [id, state])).toEqual(
      proofs.map(({ id, by }) => [
        id,
        by === 'you' ? 'for you' : id === 'airflow' ? 'not part of this stage' : 'proved',
      ]),
    );
    expect(answer.ticks.find(({ id }) => id === 'scheduled')?.seen).toBe(
      names.map((name) => `${name} timed`).join(', '),
    );
    expect(answer.ticks.find(({ id }) => id === 'changed-schema')?.seen).toMatch(/^generation \d+, v2; /);
    expect(played.extracted.map(({ pipeline }) => pipeline)).toEqual([...names, ...names]);
  });

  it('deploys the change from another checkout, with another tag, and removes it', async () => {
    const { cdk } = await prove(['--stage', 'dev']);
    const [first, second] = cdk;
    expect(second?.cwd).not.toBe(first?.cwd);
    expect(second?.args).toEqual(expect.arrayContaining(['--tags', 'millrace-proved=changed']));
    expect(first?.args).not.toContain('--tags');
    expect(unknownOptions(cdk)).toEqual([]);
    expect(() => process.chdir(second?.cwd ?? '')).toThrow('ENOENT');
  });

  it('prints a list for a person', async () => {
    const { stdout } = await prove(['--stage', 'dev']);
    expect(stdout).toMatch(/^\[x\] balanced +a run of every pipeline balances.*: random-users 2026-/m);
    expect(stdout).toMatch(/^\[-\] airflow/m);
    expect(stdout).toMatch(/^\[\?\] bill/m);
  });

  it.each([
    [
      'a record that was lost on the way',
      { stored: 98, covered: 100, dead: 2, published: 99 },
      'topic 99 is not landing 100',
    ],
    [
      'records that nobody covers',
      { covered: 60 },
      'every record of 2026-11-24T17:00:00Z to be covered within 0.2 minutes',
    ],
  ])('ends unproved with %s, leaves the stage, says how to be rid of it', async (_, broken, told) => {
    played.broken = broken;
    const { code, stdout, stderr, cdk } = await prove(['--stage', 'dev', '--json', ...impatient]);
    const { verdict, ticks } = JSON.parse(stdout) as Answer;
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'not proved' });
    expect(ticks.find(({ id }) => id === 'created')?.state).toBe('proved');
    expect(ticks.find(({ id }) => id === 'balanced')?.state).toBe('not proved');
    expect(stderr).toContain(told);
    expect(stderr).toContain('What is deployed is still there, and costs: npm run destroy -- --stage dev');
    expect(cdk.map(({ verb }) => verb)).toEqual(['deploy']);
  });

  it('asks the page of Airflow where the stage has one, and does not say that all is gone where stores stay', async () => {
    const url = rehearsal.aws.environment()['AWS_ENDPOINT_URL_STS'];
    const outputs = JSON.stringify({ 'millrace-full-orchestration': { AirflowUrl: `${url}/airflow-page` } });
    const { code, stdout, cdk } = await prove(['--stage', 'full', '--json'], { CDK_OUTPUTS: outputs });
    expect(cdk.map(({ verb }) => verb)).toEqual(['deploy', 'deploy', 'destroy']);
    const { verdict, ticks } = JSON.parse(stdout) as Answer;
    expect(ticks.find(({ id }) => id === 'airflow')).toMatchObject({
      state: 'proved',
      seen: `${url}/airflow-page answers 403`,
    });
    expect(ticks.find(({ id }) => id === 'destroyed')?.state).toBe('not proved');
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'not proved' });
  });

  it('proves nothing in an account that is not ready, and deploys nothing', async () => {
    rehearsal.aws.played = { ...rehearsal.aws.played, kafka: [] };
    const { code, stdout, cdk } = await prove(['--stage', 'dev', '--json']);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Answer).ticks.some(({ state }) => state === 'proved')).toBe(false);
    expect(cdk).toEqual([]);
  });

  it('ends a wait at Ctrl-C with 130, and says what is still deployed', async () => {
    played.broken = { covered: 60 };
    const { code, stdout } = await rehearsal.run('prove', ['--yes', '--stage', 'dev', '--every', '30'], {
      interruptAt: /cdk deploy was called/,
    });
    expect(code).toBe(130);
    expect(stdout).toContain('What is deployed is still there, and costs');
  });

  it('does nothing when nobody can be asked', async () => {
    const { code, stderr, cdk } = await rehearsal.run('prove', ['--stage', 'dev']);
    expect(code).toBe(1);
    expect(stderr).toContain('npm run prove -- --stage dev --yes');
    expect(cdk).toEqual([]);
  });
});

/** Its stacks are those that the CDK has been told to make, and not to take away. */
function accountOf(rehearsal: Rehearsal, path: PlayedPath): PlayedAccount {
  return {
    ...usualAccount,
    invoke: (name, event) => path.invoke(name, event),
    get stacks() {
      const deploys = rehearsal.cdk.find(({ verb }) => verb === 'deploy');
      const stage = deploys?.args.find((arg) => arg.startsWith('stage='))?.slice('stage='.length);
      const gone = new Set(rehearsal.cdk.filter(({ verb }) => verb === 'destroy').flatMap(({ args }) => args));
      const there = stage === undefined ? [] : ['network', 'functions'].map((noun) => `millrace-${stage}-${noun}`);
      return {
        ...usualAccount.stacks,
        ...Object.fromEntries(there.filter((name) => !gone.has(name)).map((name) => [name, {}])),
      };
    },
  };
}
