import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { evaluator } from '../infra/evaluate.ts';
import { resourcesOf, stageApp, type Templates } from '../infra/synthesized.ts';
import { minutesNamedBy } from '../properties/event-bridge.ts';
import { bundleFacts, day, daySeconds, type Entry, instantFacts, keyText, schemaFact } from './both.ts';
import type { Facts } from './facts.ts';

/** What a deploy of a stage would make, read from the templates that CloudFormation is sent and the files beside them. */
export function factsOnAws(stage: string, bundles: string): Facts {
  const { app, outdir } = stageApp(stage, { bundles });
  const stacks = app.synth().stacks;
  const templates: Templates = Object.fromEntries(
    stacks.map(({ stackName, template }) => [stackName.replace(`millrace-${stage}-`, ''), template]),
  );
  const propertiesOf = reader(templates);
  return new Map([
    ...propertiesOf<Topic>('AWS::MSK::Topic').flatMap(topicFacts),
    ...propertiesOf<Table>('AWS::Cassandra::Table').flatMap(tableFacts),
    ...propertiesOf<Schedule>('AWS::Scheduler::Schedule').flatMap(scheduleFacts),
    ...propertiesOf<LambdaFunction>('AWS::Lambda::Function')
      .filter(isStep)
      .flatMap((step) => functionFacts(step, outdir)),
    ...propertiesOf<Mapping>('AWS::Lambda::EventSourceMapping').map(mappingFact),
    ...pipelines.map(({ name }) => schemaFact(name, newestSchema(name))),
  ]);
}

/** Answers the properties of every resource of a type, with what CloudFormation would put in. */
function reader(templates: Templates) {
  const evaluate = evaluator(templates);
  return <T>(type: string) =>
    resourcesOf(templates, type).map(({ noun, Properties }) => evaluate(noun, Properties) as T);
}

interface Topic {
  readonly TopicName: string;
  readonly PartitionCount: number;
  readonly ReplicationFactor: number;
  readonly Configs: string;
}

function topicFacts({ TopicName, PartitionCount, ReplicationFactor, Configs }: Topic): readonly Entry[] {
  const settings = Buffer.from(Configs, 'base64').toString().split('\n');
  return [
    [`topic/${TopicName}/partitions`, String(PartitionCount)],
    [`topic/${TopicName}/replication`, String(ReplicationFactor)],
    ...settings.map((setting): Entry => {
      const [name, value = ''] = setting.split('=');
      return [`topic/${TopicName}/${name}`, value];
    }),
  ];
}

interface Column {
  readonly ColumnName: string;
  readonly ColumnType: string;
}

interface Table {
  readonly TableName: string;
  readonly PartitionKeyColumns: readonly Column[];
  readonly ClusteringKeyColumns?: readonly { readonly Column: Column; readonly OrderBy: string }[];
  readonly RegularColumns: readonly Column[];
  readonly DefaultTimeToLive: number;
}

function tableFacts(table: Table): readonly Entry[] {
  const { TableName, PartitionKeyColumns, ClusteringKeyColumns = [], RegularColumns, DefaultTimeToLive } = table;
  const columns = [...PartitionKeyColumns, ...ClusteringKeyColumns.map(({ Column }) => Column), ...RegularColumns];
  const key = keyText(
    PartitionKeyColumns.map(({ ColumnName }) => ColumnName),
    ClusteringKeyColumns.map(({ Column, OrderBy }) => `${Column.ColumnName} ${OrderBy}`),
  );
  return [
    [`table/${TableName}/key`, key],
    [`table/${TableName}/ttl`, String(DefaultTimeToLive)],
    ...columns.map(({ ColumnName, ColumnType }): Entry => [`table/${TableName}/column/${ColumnName}`, ColumnType]),
  ];
}

interface Schedule {
  readonly ScheduleExpression: string;
  readonly Target: { readonly Arn: string; readonly Input: string };
}

function scheduleFacts({ ScheduleExpression, Target }: Schedule): readonly Entry[] {
  const step = Target.Arn.split(':millrace-')[1] ?? Target.Arn;
  const event: { pipeline?: string } = JSON.parse(Target.Input);
  const isDue = minutesNamedBy(ScheduleExpression);
  const minutes = Array.from({ length: daySeconds / 60 }, (_, minute) => minute);
  const due = minutes.filter((minute) => isDue(new Date(day + minute * 60_000)));
  return instantFacts(step, event.pipeline ?? 'all', due, event);
}

interface LambdaFunction {
  readonly FunctionName?: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly ReservedConcurrentExecutions?: number;
  readonly Code: { readonly S3Key: string };
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

const prefix = 'millrace-';
const isStep = ({ FunctionName = '' }: LambdaFunction) =>
  typeof FunctionName === 'string' && FunctionName.startsWith(prefix);

function functionFacts(step: LambdaFunction, outdir: string): readonly Entry[] {
  const name = step.FunctionName?.slice(prefix.length) ?? '';
  const asset = path.join(outdir, `asset.${path.parse(step.Code.S3Key).name}`);
  return [
    [`function/${name}/timeout`, String(step.Timeout)],
    [`function/${name}/memory`, String(step.MemorySize)],
    [`function/${name}/concurrency`, String(step.ReservedConcurrentExecutions ?? 'of the account')],
    ...bundleFacts(name, asset),
    ...Object.keys(step.Environment.Variables).map((variable): Entry => [`env/${name}/${variable}`, 'set']),
  ];
}

interface Mapping {
  readonly Topics: readonly [string];
  readonly AmazonManagedKafkaEventSourceConfig: { readonly ConsumerGroupId: string };
}

const mappingFact = ({ Topics: [topic], AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId } }: Mapping): Entry => [
  `audit/${topic}/group`,
  ConsumerGroupId,
];

/** No template holds a schema: `prepare` registers what its definition has come to. */
function newestSchema(pipeline: string): string {
  const folder = path.join('streaming', 'pipelines', pipeline, 'schemas');
  const newest = Math.max(...readdirSync(folder).map((file) => Number(path.parse(file).name)));
  return readFileSync(path.join(folder, `${newest}.avsc`), 'utf8');
}
