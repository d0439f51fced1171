import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactsOf } from '../../../infra/stream/artifacts.ts';
import { jarsHash } from '../../../infra/stream/jars/lock.ts';
import { evaluator } from '../evaluate.ts';
import { type Resource, resourcesOf, stageApp, type Template, type Templates } from '../synthesized.ts';

interface Synthesized {
  readonly templates: Templates;
  readonly stream: Template;
  readonly outdir: string;
}

function synthesized(stage: string, overrides: Record<string, string> = {}): Synthesized {
  const { app, outdir } = stageApp(stage, { overrides });
  const { stacks } = app.synth();
  const templates = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName.split('-')[2], template]));
  return { templates, stream: templates['stream'], outdir };
}

let dev: Synthesized;
let full: Synthesized;
beforeAll(() => {
  dev = synthesized('dev');
  full = synthesized('full');
});

const only = ({ templates }: Synthesized, type: string): Resource & { id: string } => {
  const found = resourcesOf({ stream: templates['stream'] as Template }, type);
  expect(found, type).toHaveLength(1);
  return found[0] as Resource & { id: string };
};
const dependenciesOf = ({ DependsOn = [] }: Resource): readonly string[] => [DependsOn].flat();

describe('The Spark application', () => {
  const application = (of = dev) => only(of, 'AWS::EMRServerless::Application').Properties;

  it('is the release of the stage, on ARM, named as everywhere', () => {
    expect(application()).toMatchObject({
      Name: 'millrace',
      Type: 'SPARK',
      ReleaseLabel: 'emr-7.13.0',
      Architecture: 'ARM64',
    });
  });

  it('may grow to three jobs of the stage’s sizes, and keeps no worker waiting', () => {
    expect(application()['MaximumCapacity']).toEqual({ Cpu: '6 vCPU', Memory: '24 GB', Disk: '120 GB' });
    expect(application()).not.toHaveProperty('InitialCapacity');
  });

  it('starts for a job by itself, and stops when it has been idle', () => {
    expect(application()).toMatchObject({
      AutoStartConfiguration: { Enabled: true },
      AutoStopConfiguration: { Enabled: true, IdleTimeoutMinutes: 5 },
    });
  });

  it('runs in the private zones, in Spark’s own group, and leaves its logs in the bucket', () => {
    const evaluate = evaluator(dev.templates);
    const { SubnetIds: zones, SecurityGroupIds: groups } = application()['NetworkConfiguration'] as Record<string, []>;
    expect(zones?.map((id) => evaluate('stream', id))).toEqual([
      expect.stringContaining('privateSubnet1'),
      expect.stringContaining('privateSubnet2'),
    ]);
    expect(groups?.map((id) => evaluate('stream', id))).toEqual([expect.stringContaining('streamgroup')]);
    expect(evaluate('stream', application()['MonitoringConfiguration'])).toMatchObject({
      S3MonitoringConfiguration: { LogUri: 's3://millrace-dev-111111111111-us-east-1/logs/' },
    });
  });

  it('bears no tag that a deployment would change: with it, the application would have to be stopped', () => {
    expect(application()['Tags']).toEqual([{ Key: 'millrace', Value: 'dev' }]);
  });

  it('has the jars of the lock, which are there before it', () => {
    expect(dependenciesOf(only(dev, 'AWS::EMRServerless::Application'))).toContain(
      only(dev, 'Custom::CDKBucketDeployment').id,
    );
    const [{ Properties: defaults }] = evaluator(dev.templates)('stream', application()['RuntimeConfiguration']) as [
      { Properties: Record<string, string> },
    ];
    expect(defaults['spark.jars']?.split(',')[1]).toBe(
      `s3://millrace-dev-111111111111-us-east-1/jars/${jarsHash}/aws-msk-iam-auth-2.3.5-all.jar`,
    );
  });
});

describe('A change of the application', () => {
  const part = ({ stream }: Synthesized, id: 'Hold' | 'Run') => stream.Resources[id] as Resource;

  it('comes between hold and run', () => {
    const application = only(dev, 'AWS::EMRServerless::Application');
    expect(dependenciesOf(application)).toContain('Hold');
    expect(dependenciesOf(part(dev, 'Run'))).toContain(application.id);
    expect(part(dev, 'Hold').Properties).toMatchObject({ part: 'hold', application: 'millrace' });
    expect(part(dev, 'Run').Properties).toMatchObject({ part: 'run', application: 'millrace' });
  });

  it('waits for as long as a supervise may run that has seen no hold', () => {
    expect(part(dev, 'Hold').Properties['supervisedSeconds']).toBe('60');
  });

  it.each([
    ['another idle time', 'dev', { 'stream.idleMinutes': '7' }, false],
    ['another size', 'dev', { 'stream.executors': '2' }, false],
    ['another number of log days of the functions', 'dev', { 'functions.logDays': '7' }, true],
  ])('is known by its settings: %s', (_, stage, overrides, isSame) => {
    const other = synthesized(stage, overrides);
    for (const id of ['Hold', 'Run'] as const) {
      expect(part(other, id).Properties['settings'] === part(dev, id).Properties['settings']).toBe(isSame);
    }
  });

  it('is handled by one bundle, on the newest runtime, with the SDK that is there', () => {
    const handlers = resourcesOf({ stream: dev.stream }, 'AWS::Lambda::Function').filter(({ Properties }) =>
      String(Properties['Description']).startsWith('Changing the Spark application'),
    );
    expect(
      handlers.map(({ Properties: { Handler, Runtime, Architectures } }) => [Handler, Runtime, Architectures]),
    ).toEqual(['onEvent', 'isComplete'].map((name) => [`index.${name}`, 'nodejs24.x', ['arm64']]));
    const bundle = readFileSync(join(dev.outdir, 'stream-hold', 'index.cjs'), 'utf8');
    expect(bundle).toContain('require("@aws-sdk/client-emr-serverless")');
    expect(bundle.length).toBeLessThan(20_000);
  });
});

describe('The artifact bucket', () => {
  const bucket = (of = dev) => only(of, 'AWS::S3::Bucket');

  it('stays when the stack goes, unless the stage says that it keeps nothing', () => {
    expect(bucket(full)).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(resourcesOf({ stream: full.stream }, 'Custom::S3AutoDeleteObjects')).toEqual([]);
    expect(bucket(dev)).toMatchObject({ DeletionPolicy: 'Delete' });
  });

  it('keeps versions, lets nobody in from outside, and speaks TLS only', () => {
    expect(bucket().Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(JSON.stringify(only(dev, 'AWS::S3::BucketPolicy').Properties)).toContain(
      '"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
    );
  });

  it('lets nothing that is current expire but logs', () => {
    const { Rules: rules } = bucket().Properties['LifecycleConfiguration'] as { Rules: Record<string, unknown>[] };
    expect(rules.filter((rule) => 'ExpirationInDays' in rule || 'ExpirationDate' in rule)).toEqual([
      expect.objectContaining({ Prefix: 'logs/', ExpirationInDays: 30 }),
    ]);
    expect(rules).toContainEqual(expect.objectContaining({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } }));
    expect(rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }),
    );
  });

  it('is given files, and none are taken away: a running job may need what an earlier deployment brought', () => {
    expect(only(dev, 'Custom::CDKBucketDeployment').Properties).toMatchObject({ Prune: false, RetainOnDelete: true });
  });

  it('gets the jars from a command that is asked when they are deployed, and not before', () => {
    const { files } = JSON.parse(readFileSync(join(dev.outdir, 'millrace-dev-stream.assets.json'), 'utf8'));
    const { source } = files[`jars-${jarsHash}`];
    expect(source).toEqual({
      executable: ['node', '--import', 'tsx', expect.stringMatching(/infra\/commands\/jars\.ts$/)],
    });
    const { SourceObjectKeys: keys } = only(dev, 'Custom::CDKBucketDeployment').Properties;
    expect(keys).toContain(`jars-${jarsHash}`);
  });

  it('gets the files that the job’s settings name, and no others', () => {
    const keys = artifactsOf('us-east-1').files.keys();
    const laidOut = readdirSync(join(dev.outdir, 'stream-artifacts'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(dev.outdir, 'stream-artifacts'), join(entry.parentPath, entry.name)));
    expect(laidOut.sort()).toEqual([...keys].sort());
  });
});

describe('supervise is told of the job', () => {
  it('by one table, within the 4 KB that a function’s environment has', () => {
    const evaluate = evaluator(dev.templates);
    const supervise = resourcesOf(dev.templates, 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties['FunctionName'] === 'millrace-supervise',
    );
    const { Variables: variables } = evaluate('functions', supervise?.Properties['Environment']) as {
      Variables: Record<string, string>;
    };
    expect(variables).toMatchObject({
      ARTIFACTS: 's3://millrace-dev-111111111111-us-east-1/artifacts',
      CHECKPOINTS: 's3://millrace-dev-111111111111-us-east-1/checkpoints',
      JOB_MODE: 'available-now',
      JOB_EVERY: '15m',
      JOB_ROLE_ARN: 'arn:aws:iam::111111111111:role/millrace-stream',
    });
    expect(JSON.stringify(variables).length).toBeLessThan(3_500);
  });
});
