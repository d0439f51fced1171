import { steps } from '../../functions/steps.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import type { Config } from '../config.ts';
import { priceOf, prices } from '../prices.ts';
import { assumed } from './assumptions.ts';
import { type CostLine, line } from './line.ts';
import { minutesPerMonth, type Volume } from './volume.ts';

const { hoursPerMonth } = prices;
const pageRecords = 1000;

const pagesPerMinute = ({ recordsPerMinute, runsPerMinute }: Volume) =>
  runsPerMinute * Math.max(1, Math.ceil(recordsPerMinute / runsPerMinute / pageRecords));

/** Spark is paid by the second, from the first worker to the last. */
export function streamLines({ stream }: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const vcpu = stream.driver.vcpu + stream.executors * stream.executor.vcpu;
  const memory = stream.driver.memoryGb + stream.executors * stream.executor.memoryGb;
  const hours = stream.mode === 'streaming' ? hoursPerMonth : batchesOf(stream) * (assumed.batchMinutes.value / 60);
  const how = stream.mode === 'streaming' ? 'streaming' : `a batch every ${stream.every}`;
  const checkpoints = sum(volumes, (volume) => microBatches(stream, volume));
  return [
    line('stream', `Spark, ${vcpu} vCPU, ${how}`, vcpu * hours, prices.sparkVcpuHour),
    line('stream', `Spark, ${memory} GB, ${how}`, memory * hours, prices.sparkGbHour),
    line('stream', 'checkpoints: PUT', (checkpoints * assumed.checkpointWrites.value) / 1e6, prices.s3Writes),
    line('stream', 'checkpoints: GET', (checkpoints * assumed.checkpointReads.value) / 1e6, prices.s3Reads),
    line('stream', 'artifact bucket', assumed.artifactGb.value, prices.s3Gb),
  ];
}

const batchesOf = ({ every }: Config['stream']) => (minutesPerMonth * 60) / checkedSecondsOf(every);

/** Of a pipeline in a month: where nothing comes Spark makes none. */
function microBatches(stream: Config['stream'], volume: Volume): number {
  if (stream.mode === 'available-now') return batchesOf(stream) * assumed.batchesPerPage.value;
  const most = 60 / triggerSeconds(stream.trigger);
  return minutesPerMonth * Math.min(most, pagesPerMinute(volume) * assumed.batchesPerPage.value);
}

const sum = (volumes: readonly Volume[], of: (volume: Volume) => number) =>
  volumes.reduce((total, volume) => total + of(volume), 0);

function triggerSeconds(trigger: string): number {
  const [count = '1', unit = 'seconds'] = trigger.split(' ');
  return Number(count) / (unit.startsWith('milli') ? 1000 : 1);
}

/** Calls of the steps by their schedules in a month. */
function scheduledCalls(volumes: readonly Volume[]): ReadonlyMap<string, number> {
  const runs = sum(volumes, ({ runsPerMinute }) => runsPerMinute);
  const perMinute = { instant: runs, minute: 1, hour: 1 / 60, none: 0 };
  return new Map(
    steps.map(({ name, schedule, per }) => {
      const times = per === 'pipeline' && schedule !== 'instant' ? volumes.length : 1;
      return [name, perMinute[schedule] * times * minutesPerMonth];
    }),
  );
}

/** All calls of the steps: a page wakes relay too, and what a micro-batch reports comes to audit. */
function callsOf({ stream }: Config, volumes: readonly Volume[]): ReadonlyMap<string, number> {
  const scheduled = scheduledCalls(volumes);
  const more: Readonly<Record<string, number>> = {
    relay: sum(volumes, pagesPerMinute) * minutesPerMonth,
    audit: sum(volumes, (volume) => microBatches(stream, volume)),
  };
  return new Map([...scheduled].map(([name, count]) => [name, count + (more[name] ?? 0)]));
}

const total = (calls: ReadonlyMap<string, number>) => [...calls.values()].reduce((all, count) => all + count, 0);

export function functionLines(config: Config, volumes: readonly Volume[]): readonly CostLine[] {
  const calls = callsOf(config, volumes);
  const gbSeconds = steps.reduce(
    (all, { name, memoryMb }) => all + ((calls.get(name) ?? 0) * assumed.stepSeconds.value * memoryMb) / 1024,
    0,
  );
  return [
    line('functions', 'calls of the steps', total(calls) / 1e6, prices.lambdaCalls),
    line('functions', 'time of the steps', gbSeconds, prices.lambdaGbSecond),
    line('functions', 'schedules', total(scheduledCalls(volumes)) / 1e6, prices.scheduler),
  ];
}

export function orchestrationLines({ orchestration }: Config): readonly CostLine[] {
  if (orchestration.kind === 'none') return [];
  const { environment } = orchestration;
  return [
    line('orchestration', `Airflow, ${environment}`, hoursPerMonth, priceOf('airflowHour', environment)),
    line('orchestration', "Airflow's database", assumed.airflowDatabaseGb.value, prices.airflowGb),
  ];
}

/** GB of log in a month, of everything. */
export function logGb(config: Config, volumes: readonly Volume[]): number {
  const { topic, orchestration } = config;
  return (
    (total(callsOf(config, volumes)) * assumed.logBytesPerCall.value) / 1e9 +
    topic.brokers * assumed.brokerLogGb.value +
    assumed.databaseLogGb.value +
    assumed.flowLogGb.value +
    (orchestration.kind === 'mwaa' ? assumed.airflowLogGb.value : 0)
  );
}
