import { pipelines } from '../../streaming/pipelines/index.ts';
import type { Config } from '../config.ts';
import { billOf } from '../cost/bill.ts';
import { type Part, totalOf } from '../cost/line.ts';
import { volumesOf } from '../cost/volume.ts';

/** Stacks that hold no record: they come again with the next deployment. */
const carriers: readonly Part[] = ['observe', 'orchestration', 'functions', 'stream'];

/** Stacks that go: all of them, or those without records where the stage keeps its data. Undefined: all. */
export const goingParts = ({ data }: Config): readonly Part[] | undefined => (data === 'retain' ? carriers : undefined);

/** What is still there afterwards, and how to be rid of it: one line each. */
export function leftoversOf(config: Config): readonly string[] {
  return [...(config.data === 'retain' ? stores(config) : []), ...always()];
}

function stores(config: Config): readonly string[] {
  const { lines } = billOf(config, volumesOf(config, pipelines), 1);
  const kept: readonly Part[] = ['network', 'landing', 'topic', 'table'];
  const usd = totalOf(lines.filter(({ part }) => kept.includes(part)));
  return [
    `the stage keeps its data: network, landing, topic and table stay as they are, for about ${Math.round(usd)} USD a month`,
    'to be rid of them too: put data: { destroyData: true, because: ... } for the stage into infra/config.ts, deploy, then ' +
      'destroy; or keep a snapshot of PostgreSQL, and delete the rest by hand: MSK cluster, keyspace, keys',
    'the bucket of stream, with artifacts and checkpoints; the next deployment takes it up',
  ];
}

function always(): readonly string[] {
  return [
    "log groups of the CDK's helpers in topic, stream and orchestration, and those that AWS makes by itself, such as " +
      'airflow-millrace-*: aws logs delete-log-group --log-group-name <name>',
    "network interfaces of the functions: Lambda takes 20 to 40 minutes to give them back, and the network's stack waits for it",
    "the CDK's own stack and bucket (CDKToolkit), for the next deployment",
  ];
}
