import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { usualAccount } from './played-aws.ts';
import { Rehearsal } from './rehearsal.ts';

const verbs = ['dead', 'redrive', 'reconcile', 'backfill', 'stream', 'retain', 'erase'];

describe('The operator’s commands with --stage', { timeout: 300_000 }, () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await Rehearsal.start();
  });
  afterEach(() => {
    rehearsal.aws.played = usualAccount;
    rehearsal.aws.asked.splice(0);
  });
  afterAll(() => rehearsal.stop());

  const run = (verb: string, ...args: string[]) => rehearsal.runAs(`local/commands/${verb}`, args);

  it.each(verbs)('%s knows it', async (verb) => {
    const { stdout } = await run(verb, ...(verb === 'dead' ? ['list'] : verb === 'stream' ? ['stop'] : []), '--help');
    expect(stdout).toMatch(/--stage <stage>\s[\s\S]*\(choices: "dev",\s+"full",\s+"prod"/);
    expect(stdout).toMatch(/--region <region>/);
    expect(stdout).not.toContain('--rehearse');
  });

  it('call the steps of the stage, and show what they answer', async () => {
    const events: [string, object][] = [];
    const day = { day: '2026-11-19', rows: 100, owed: 0, keptUntil: '2026-11-27T00:00:00.000Z', verdict: 'due' };
    rehearsal.aws.played = {
      ...usualAccount,
      invoke: (name, event) => {
        events.push([name, event]);
        return { dryRun: true, made: [], days: [day], inNet: 0 };
      },
    };
    const { code, stdout } = await run('retain', '--stage', 'dev', '--rehearse');
    expect(stdout).toMatch(/2026-11-19 .* due/);
    expect(events).toEqual([['millrace-retain', { dryRun: true, who: expect.any(String) }]]);
    expect(code).toBe(0);
  });

  it('are not led to this machine by what its shell says, unless they rehearse', async () => {
    const { code, stderr } = await run('retain', '--stage', 'dev', '--yes');
    expect(stderr).toMatch(/AWS_ENDPOINT_URL_\w+.*: expected none, because this talks to AWS/);
    expect(code).toBe(1);
    expect(rehearsal.aws.asked).toEqual([]);
  });

  it.each([
    ['a stage that there is not', ['--stage', 'test'], /Allowed choices are dev, full, prod/],
    ['a stage and a data folder', ['--stage', 'dev', '--data', 'x'], /cannot be used with option '--stage/],
  ])('refuse %s', async (_, args, message) => {
    const { code, stderr } = await run('retain', ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(rehearsal.aws.asked).toEqual([]);
  });

  it('say what to do when the stage is another one, and change nothing', async () => {
    rehearsal.aws.played = { ...usualAccount, stage: 'prod' };
    const { code, stderr } = await run('stream', 'stop', 'random-users', '--stage', 'dev', '--rehearse');
    expect(stderr).toMatch(
      /--stage dev: expected stage dev in us-east-1 of this account, got prod; nothing was called/,
    );
    expect(code).toBe(1);
    expect(rehearsal.aws.asked).toEqual(['lambda/configuration']);
  });
});
