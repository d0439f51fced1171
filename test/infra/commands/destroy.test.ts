import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { usualAccount } from './played-aws.ts';
import { Rehearsal, unknownOptions } from './rehearsal.ts';

const nouns = ['network', 'landing', 'topic', 'table', 'stream', 'functions', 'orchestration', 'observe'];
const stacksOf = (stage: string) => Object.fromEntries(nouns.map((noun) => [`millrace-${stage}-${noun}`, {}]));

describe('npm run destroy', { timeout: 300_000 }, () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await Rehearsal.start();
  });
  afterEach(() => {
    rehearsal.aws.played = usualAccount;
  });
  afterAll(() => rehearsal.stop());

  const there = (...stages: string[]) => {
    rehearsal.aws.played = {
      ...usualAccount,
      stacks: Object.assign({}, usualAccount.stacks, ...stages.map(stacksOf)) as typeof usualAccount.stacks,
    };
  };

  it('takes every stack of a stage that keeps no data, and no other one', async () => {
    there('dev');
    const { code, stdout, cdk } = await rehearsal.run('destroy', ['--stage', 'dev', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('All records go: made-up records');
    expect(cdk).toHaveLength(1);
    const { args = [] } = cdk[0] ?? {};
    expect(args.slice(0, nouns.length)).toEqual(nouns.map((noun) => `millrace-dev-${noun}`).sort());
    expect(args).toEqual(expect.arrayContaining(['--force', 'stage=dev']));
    expect(unknownOptions(cdk)).toEqual([]);
  });

  it('leaves the stores of a stage that keeps its data, says their price and how to be rid of them', async () => {
    there('full');
    const { stdout, cdk } = await rehearsal.run('destroy', ['--stage', 'full', '--yes']);
    expect(cdk[0]?.args.filter((arg) => arg.startsWith('millrace-'))).toEqual(
      ['functions', 'observe', 'orchestration', 'stream'].map((noun) => `millrace-full-${noun}`),
    );
    expect(stdout).toContain('No record goes.');
    expect(stdout).toMatch(/network, landing, topic and table stay as they are, for about \d+ USD a month/);
    expect(stdout).toContain('put data: { destroyData: true, because: ... } for the stage into infra/config.ts');
  });

  it('says what stays before it asks, and destroys nothing when nobody can be asked', async () => {
    there('dev');
    const { code, stdout, stderr, cdk } = await rehearsal.run('destroy', ['--stage', 'dev']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/network interfaces of the functions: .* 20 to 40 minutes/);
    expect(stdout).toContain('airflow-millrace-*: aws logs delete-log-group');
    expect(stderr).toContain('If you mean it: npm run destroy -- --stage dev --yes');
    expect(cdk).toEqual([]);
  });

  it('has nothing to do where no stack is', async () => {
    there('full');
    const { code, stdout, cdk } = await rehearsal.run('destroy', ['--stage', 'dev', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing to destroy: no stack of stage dev in account 111122223333, us-east-1.');
    expect(cdk).toEqual([]);
  });

  it('says what to do for whom AWS does not know', async () => {
    rehearsal.aws.played = { ...usualAccount, isExpired: true };
    const { code, stderr } = await rehearsal.run('destroy', ['--stage', 'dev', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ExpiredToken.*; log in first: aws sso login/);
  });

  it('refuses endpoints of this machine', async () => {
    const { code, stderr } = await rehearsal.runAs('destroy', ['--stage', 'dev', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('expected none, because this talks to AWS');
  });

  it('ends with 1 when the CDK fails', async () => {
    there('dev');
    const { code, stdout, stderr } = await rehearsal.run('destroy', ['--stage', 'dev', '--yes'], {
      env: { CDK_FAILS: 'destroy' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('cdk destroy ended with 1, expected 0');
    expect(stdout).not.toContain('is gone');
  });
});
