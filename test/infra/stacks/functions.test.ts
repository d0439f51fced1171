import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundle } from '../../../bundle.ts';
import { steps } from '../../../functions/steps.ts';
import { configOf, recordsOf } from '../../../infra/config.ts';
import { stages } from '../../../stages.ts';
import { auditTopicOf, consumerGroupOf } from '../../../streaming/names.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { eventBridgeExpression } from '../../../streaming/schedule.ts';
import { evaluator } from '../evaluate.ts';
import { resourcesOf, stageApp, synthesize, type Templates } from '../synthesized.ts';

const named = (templates: Templates, type: string, property: string, name: string) =>
  resourcesOf(templates, type).find(({ Properties }) => Properties[property] === name);

const functionOf = (templates: Templates, step: string) =>
  named(templates, 'AWS::Lambda::Function', 'FunctionName', `millrace-${step}`);

const scheduleOf = (templates: Templates, name: string) =>
  named(templates, 'AWS::Scheduler::Schedule', 'Name', `millrace-${name}`);

describe.each(stages)('The functions of %s', (stage) => {
  const templates = synthesize(stage);
  const config = configOf(stage);
  const evaluate = evaluator(templates);

  const environmentOf = (step: string) => {
    const environment = functionOf(templates, step)?.Properties['Environment'];
    return (evaluate('functions', environment) as { Variables: Record<string, string> }).Variables;
  };

  it.each(steps)('$name runs on Node 24 for ARM, with the time and memory that steps.ts says', (step) => {
    expect(functionOf(templates, step.name)?.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: step.timeoutSeconds,
      MemorySize: step.memoryMb,
    });
  });

  it.each(steps)('$name keeps concurrency back only where the stage says so', ({ name, per, concurrency }) => {
    const reserved = functionOf(templates, name)?.Properties['ReservedConcurrentExecutions'];
    const wanted = per === 'pipeline' ? concurrency * pipelines.length : concurrency;
    expect(reserved).toBe(config.functions.reserved ? wanted : undefined);
  });

  it.each(steps)('$name has a role and a log of its own', ({ name }) => {
    expect(named(templates, 'AWS::IAM::Role', 'RoleName', `millrace-${name}`)).toBeDefined();
    expect(
      named(templates, 'AWS::Logs::LogGroup', 'LogGroupName', `/aws/lambda/millrace-${name}`)?.Properties,
    ).toMatchObject({
      RetentionInDays: config.functions.logDays,
    });
  });

  it.each(steps)('$name ignores endpoints from the environment and is told no secret', ({ name }) => {
    const environment = environmentOf(name);
    expect(environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']).toBe('true');
    expect(Object.keys(environment).filter((key) => /PASSWORD|TOKEN|AWS_ENDPOINT_URL/.test(key))).toEqual([]);
  });

  it('prepare alone is told where the owner’s secret is; the others log in as themselves', () => {
    expect(steps.map(({ name }) => name).filter((name) => 'DATABASE_SECRET' in environmentOf(name))).toEqual([
      'prepare',
    ]);
    expect(environmentOf('relay')['DATABASE_USER']).toBe('millrace_relay');
  });

  it('extract knows each pipeline’s source', () => {
    expect(JSON.parse(environmentOf('extract')['SOURCES'] ?? '')).toEqual(config.sources);
  });

  it.each(['settle', 'rebuild'] as const)('%s knows how far back Keyspaces takes a write', (step) => {
    expect(environmentOf(step)['TABLES_TAKE']).toBe(String(47 * 3600));
  });

  it.each([
    ['supervise', ['CHECKPOINTS']],
    ['rebuild', []],
  ] as const)('%s knows the job', (step, more) => {
    expect(Object.keys(environmentOf(step))).toEqual(
      expect.arrayContaining([
        ...['JOB_APPLICATION', 'JOB_ROLE_ARN', 'JOB_ENTRY_POINT', 'JOB_VERSION', 'JOB_MODE', 'ARTIFACTS'],
        ...more,
      ]),
    );
  });

  it.each(pipelines)('extract is called at every instant of $name, with the instant', (pipeline) => {
    const schedule = scheduleOf(templates, `extract-${pipeline.name}`)?.Properties;
    expect(schedule).toMatchObject({
      ScheduleExpression: eventBridgeExpression(pipeline.schedule.every),
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
    });
    const records = recordsOf(config, pipeline);
    expect(JSON.parse(inputOf(schedule))).toEqual({
      pipeline: pipeline.name,
      time: '<aws.scheduler.scheduled-time>',
      ...(records !== undefined && { records }),
    });
  });

  it.each([
    ...pipelines.map(({ name }) => ({
      call: `relay-${name}`,
      expression: 'cron(* * * * ? *)',
      input: { pipeline: name },
    })),
    ...pipelines.flatMap(({ name }) =>
      ['settle', 'reconcile'].map((step) => ({
        call: `${step}-${name}`,
        expression: 'cron(0 * * * ? *)',
        input: { pipeline: name },
      })),
    ),
    { call: 'supervise', expression: 'cron(* * * * ? *)', input: {} },
  ])('$call is called by $expression', ({ call, expression, input }) => {
    const schedule = scheduleOf(templates, call)?.Properties;
    expect(schedule?.['ScheduleExpression']).toBe(expression);
    expect(JSON.parse(inputOf(schedule))).toEqual(input);
  });

  it('has no other schedule, and each tries again and gives what it could not deliver to the queue', () => {
    const schedules = resourcesOf(templates, 'AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(4 * pipelines.length + 2);
    for (const { id, Properties } of schedules) {
      expect(Properties['Target'], id).toMatchObject({
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 },
        DeadLetterConfig: { Arn: expect.anything() },
      });
    }
  });

  it.each(pipelines)(
    'audit is given the audit topic of $name from its beginning, and never gives up on it',
    (pipeline) => {
      const mapping = resourcesOf(templates, 'AWS::Lambda::EventSourceMapping').find(
        ({ Properties }) => String(Properties['Topics']) === auditTopicOf(pipeline),
      )?.Properties;
      expect(mapping).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: consumerGroupOf(pipeline) },
        MaximumBatchingWindowInSeconds: 1,
      });
      expect(mapping).not.toHaveProperty('DestinationConfig');
      expect(mapping).not.toHaveProperty('ProvisionedPollerConfig');
    },
  );

  it('has one mapping per audit topic', () => {
    expect(resourcesOf(templates, 'AWS::Lambda::EventSourceMapping')).toHaveLength(pipelines.length);
  });

  it('runs prepare before any schedule or mapping', () => {
    const [trigger] = resourcesOf(templates, 'Custom::Trigger');
    const waiting = [
      ...resourcesOf(templates, 'AWS::Scheduler::Schedule'),
      ...resourcesOf(templates, 'AWS::Lambda::EventSourceMapping'),
    ];
    for (const { id, DependsOn = [] } of waiting) expect([DependsOn].flat(), id).toContain(trigger?.id);
    expect(trigger?.Properties).toMatchObject({ InvocationType: 'RequestResponse' });
  });
});

const inputOf = (schedule: Readonly<Record<string, unknown>> | undefined) =>
  String((schedule?.['Target'] as { Input?: string } | undefined)?.Input);

describe('The order of a deploy', () => {
  const { app } = stageApp('full');
  const assembly = app.synth();
  const after = (noun: string) =>
    assembly.getStackByName(`millrace-full-${noun}`).dependencies.map(({ id }) => id.replace('millrace-full-', ''));

  it('makes every store before prepare runs', () => {
    expect(after('functions')).toEqual(expect.arrayContaining(['network', 'landing', 'topic', 'table', 'stream']));
  });

  it('lets nothing wait for Airflow', () => {
    const waiting = assembly.stacks.filter(({ dependencies }) =>
      dependencies.some(({ id }) => id.endsWith('-orchestration')),
    );
    expect(waiting.map(({ id }) => id).filter((id) => !id.endsWith('-observe'))).toEqual([]);
  });
});

describe('The bundles on AWS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bundles-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let bundles: readonly Bundle[];
  let assets: string;
  let templates: Templates;

  beforeAll(async () => {
    bundles = await bundle({ outDir: folder });
    const { app, outdir } = stageApp('dev', { bundles: folder });
    assets = outdir;
    const { stacks } = app.synth();
    templates = Object.fromEntries(
      stacks.map(({ stackName, template }) => [stackName.replace('millrace-dev-', ''), template]),
    );
  });

  it.each(steps)('$name is the very file that the local runner starts', ({ name }) => {
    const code = functionOf(templates, name)?.Properties['Code'] as { S3Key: string };
    const file = readFileSync(join(assets, `asset.${code.S3Key.replace('.zip', '')}`, 'index.cjs'));
    const built = bundles.find((each) => each.name === name);
    expect(createHash('sha256').update(file).digest('hex')).toBe(built?.sha256);
  });
});
