import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PlayedAccount, usualAccount } from './played-aws.ts';
import { Rehearsal, unknownOptions } from './rehearsal.ts';

describe('npm run deploy', { timeout: 300_000 }, () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await Rehearsal.start();
  });
  afterEach(() => {
    rehearsal.aws.played = usualAccount;
  });
  afterAll(() => rehearsal.stop());

  it('asks the account first, line by line, then shows the rights and deploys all stacks', async () => {
    const { code, stdout, cdk } = await rehearsal.run('deploy', ['--stage', 'dev', '--yes', '-c', 'records=50'], {
      env: {
        CDK_OUTPUTS: JSON.stringify({ 'millrace-dev-observe': { DashboardUrl: 'https://dash', ExportsOutputX: 'x' } }),
      },
    });
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 9)).toEqual([
      'ok  credentials account 111122223333, as arn:aws:iam::111122223333:user/somebody',
      'ok  region      us-east-1, zones us-east-1a, us-east-1b',
      'ok  bootstrap   version 30',
      'ok  stages      none here yet',
      'ok  Lambda      1000 concurrent executions, none reserved',
      'ok  Kafka       4.1.x.kraft is offered',
      'ok  EMR         emr-7.13.0 is offered',
      '-   Keyspaces   Keyspaces is reached by CQL, which nobody plays in a rehearsal',
      'ok  Airflow     not part of this stage',
    ]);
    expect(stdout).toMatch(/^dev: the path at its least price.*; about \d+ USD a month/m);
    expect(stdout).toContain('source of random-users: sample');
    expect(stdout).toContain('DashboardUrl: https://dash');
    expect(stdout).not.toContain('ExportsOutput');
    expect(cdk.map(({ verb }) => verb)).toEqual(['diff', 'deploy']);
    expect(cdk[1]?.args).toEqual(
      expect.arrayContaining([
        '--all',
        '--concurrency',
        '4',
        '--require-approval',
        'never',
        '-c',
        'stage=dev',
        'records=50',
      ]),
    );
  });

  it('signs every question for the service that it asks', async () => {
    await rehearsal.run('deploy', ['--stage', 'dev', '--yes']);
    expect([...new Set(rehearsal.aws.asked)].sort()).toEqual([
      'cloudformation/DescribeStacks',
      'elasticmapreduce/ListReleaseLabels',
      'kafka/kafka-versions',
      'lambda/account-settings',
      'sts/GetCallerIdentity',
    ]);
  });

  it.each<[string, Partial<PlayedAccount>, string[], string | RegExp]>([
    ['credentials that have expired', { isExpired: true }, [], /NO {2}credentials ExpiredToken.*; log in first/],
    ['no bootstrap', { stacks: {} }, [], 'got none: npx cdk bootstrap aws://111122223333/us-east-1'],
    ['an old bootstrap', { stacks: { CDKToolkit: { BootstrapVersion: '5' } } }, [], 'got version 5'],
    [
      'another stage in the same place',
      { stacks: { ...usualAccount.stacks, 'millrace-full-network': {} } },
      [],
      'expected no other stage in this account and region, got the stack millrace-full-network',
    ],
    [
      'a Kafka that is not offered',
      { kafka: ['3.9.x.kraft'] },
      [],
      'expected one that is offered (3.9.x.kraft), got 4.1.x.kraft',
    ],
    ['an EMR that is not offered', { releases: [] }, [], 'expected one that is offered (none), got emr-7.13.0'],
    [
      'functions that reserve more than there is',
      { concurrency: 10 },
      ['-c', 'functions.reserved=true'],
      'got 10; ask AWS for more',
    ],
  ])('deploys nothing with %s', async (_, played, args, told) => {
    rehearsal.aws.played = { ...usualAccount, ...played };
    const { code, stdout, cdk } = await rehearsal.run('deploy', ['--stage', 'dev', '--yes', ...args]);
    expect(code).toBe(1);
    expect(stdout).toMatch(told);
    expect(stdout).toContain('Not deployed: one thing is to be put right first.');
    expect(cdk).toEqual([]);
  });

  it('asks nothing else with credentials that have expired', async () => {
    rehearsal.aws.played = { ...usualAccount, isExpired: true };
    rehearsal.aws.asked.length = 0;
    await rehearsal.run('deploy', ['--stage', 'dev', '--yes']);
    expect(new Set(rehearsal.aws.asked)).toEqual(new Set(['sts/GetCallerIdentity']));
  });

  it('is content with ten concurrent executions where nothing is reserved', async () => {
    rehearsal.aws.played = { ...usualAccount, concurrency: 10 };
    expect((await rehearsal.run('deploy', ['--stage', 'dev', '--yes'])).code).toBe(0);
  });

  it('takes what is there of the same stage for an upgrade', async () => {
    rehearsal.aws.played = { ...usualAccount, stacks: { ...usualAccount.stacks, 'millrace-dev-network': {} } };
    const { stdout } = await rehearsal.run('deploy', ['--stage', 'dev', '--yes']);
    expect(stdout).toContain('dev is here (1 of its stacks): this is an upgrade');
  });

  it('takes up what stayed when a stage that keeps its data was destroyed', async () => {
    const stores = { 'millrace-full-network': {}, 'millrace-full-topic': {} };
    rehearsal.aws.played = { ...usualAccount, stacks: { ...usualAccount.stacks, ...stores } };
    const again = await rehearsal.run('deploy', ['--stage', 'full', '--yes']);
    expect(again.cdk.at(-1)?.args).toContain('--import-existing-resources');
    expect(unknownOptions(again.cdk)).toEqual([]);
    rehearsal.aws.played = {
      ...usualAccount,
      stacks: { ...usualAccount.stacks, ...stores, 'millrace-full-stream': {} },
    };
    const upgrade = await rehearsal.run('deploy', ['--stage', 'full', '--yes']);
    expect(upgrade.cdk.at(-1)?.args).not.toContain('--import-existing-resources');
  });

  it('says of Airflow that nobody can be asked', async () => {
    const { stdout } = await rehearsal.run('deploy', ['--stage', 'full', '--yes']);
    expect(stdout).toMatch(/^- {3}Airflow {5}3\.3\.1: MWAA answers no question about versions; last seen .* 2026-/m);
  });

  it('deploys nothing when nobody can be asked', async () => {
    const { code, stderr, cdk } = await rehearsal.run('deploy', ['--stage', 'dev']);
    expect(code).toBe(1);
    expect(stderr).toContain('If you mean it: npm run deploy -- --stage dev --yes');
    expect(cdk.map(({ verb }) => verb)).toEqual(['diff']);
  });

  it.each([
    [['--stage', 'dev', '--yes'], /^AWS_ENDPOINT_URL_STS, .*: expected none, because this talks to AWS/],
    [['--stage', 'dev', '--yes', '--cdk', 'x'], /--cdk: expected with --rehearse only/],
    [['--yes'], /--stage <stage>' not specified/],
    [['--stage', 'dev', '--rehearse', '--yes', '-c', 'topic.colour=red'], /-c topic\.colour: expected one of/],
  ])('refuses %j before anything is asked', async (args, told) => {
    rehearsal.aws.asked.length = 0;
    const { code, stderr } = await rehearsal.runAs('deploy', args);
    expect(code).toBe(1);
    expect(stderr).toMatch(told);
    expect(rehearsal.aws.asked).toEqual([]);
  });

  it('ends with 1 when the CDK fails, and says that it did', async () => {
    const { code, stderr } = await rehearsal.run('deploy', ['--stage', 'dev', '--yes'], {
      env: { CDK_FAILS: 'deploy' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('cdk deploy ended with 1, expected 0');
  });

  it('ends at Ctrl-C when the CDK has ended, with 130 and what goes on', async () => {
    const { code, stderr } = await rehearsal.run('deploy', ['--stage', 'dev', '--yes'], {
      env: { CDK_WAITS: 'deploy' },
      interruptAt: /cdk deploy was called/,
    });
    expect(code).toBe(130);
    expect(stderr).toContain('What CloudFormation has begun it goes on with');
  });
});
