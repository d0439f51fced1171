import { secondsOf } from '../streaming/duration.ts';
import type { Config } from './config.ts';

/**
 * What AWS offers and the template validator does not know, each with the day it was last seen in AWS's own pages or
 * code. A wrong one costs half an hour and a rollback; the deploy command asks AWS where it can be asked.
 */
export const offered = {
  'landing.postgres': { values: ['18.3', '17.9'], seen: '2026-11-24' },
  'topic.kafka': { values: ['3.9.x.kraft', '4.0.x.kraft', '4.1.x.kraft'], seen: '2026-11-24' },
  'stream.release': { values: ['emr-7.13.0'], seen: '2026-11-24' },
  // 3.2.1 and 3.3.1 are in AWS's image repository, not yet in the page of versions; nobody can be asked.
  'orchestration.airflow': { values: ['3.0.6', '3.2.1', '3.3.1'], seen: '2026-11-24' },
  'orchestration.environment': { values: ['mw1.micro', 'mw1.small', 'mw1.medium', 'mw1.large'], seen: '2026-11-24' },
} as const;

/** Sizes of a worker of EMR Serverless: so much memory, in GB, can be had with so many vCPUs. */
const memoryGb: Readonly<Record<number, readonly [number, number]>> = {
  1: [2, 8],
  2: [4, 16],
  4: [8, 30],
  8: [16, 60],
};

const asText = (value: unknown) => JSON.stringify(value);

/** Answers the configuration, or throws with everything that is wrong with it. */
export function checkConfig(config: Config): Config {
  const problems = [...notOffered(config), ...rules(config)];
  if (problems.length === 0) return config;
  throw new Error(
    `stage ${config.stage} cannot be deployed so:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
  );
}

function notOffered({ landing, topic, stream, orchestration }: Config): string[] {
  const got = {
    'landing.postgres': landing.postgres,
    'topic.kafka': topic.kafka,
    'stream.release': stream.release,
    'orchestration.airflow': orchestration.airflow,
    'orchestration.environment': orchestration.environment,
  };
  return Object.entries(offered)
    .filter(([key, { values }]) => !(values as readonly string[]).includes(got[key as keyof typeof got]))
    .map(
      ([key, { values, seen }]) =>
        `${key}: expected one of ${values.join(', ')} (as of ${seen}), got ${asText(got[key as keyof typeof got])}; ` +
        'a newer one that AWS offers goes into infra/config-check.ts',
    );
}

function rules(config: Config): string[] {
  const { landing, orchestration, data } = config;
  return [
    ...brokerProblems(config),
    ...streamProblems(config.stream),
    ...Object.entries(config.sources).flatMap(([name, source]) => sourceProblems(name, source)),
    ...says(
      landing.backupDays >= 1,
      `landing.backupDays: expected 1 or more, got ${landing.backupDays}; without backups a lost database loses records`,
    ),
    ...says(
      orchestration.kind === 'mwaa' || orchestration.kind === 'none',
      `orchestration.kind: expected mwaa or none, got ${asText(orchestration.kind)}`,
    ),
    ...says(data === 'retain' || data.because.length >= 20, 'data: expected a reason of a sentence with destroyData'),
  ];
}

function brokerProblems({ topic, zones, region }: Config): string[] {
  return [
    ...says(
      topic.minIsr < topic.replication,
      `topic.minIsr: expected less than topic.replication (${topic.replication}), got ${topic.minIsr}; else a broker that restarts stops the path`,
    ),
    ...says(
      topic.replication <= topic.brokers,
      `topic.replication: expected at most topic.brokers (${topic.brokers}), got ${topic.replication}`,
    ),
    ...says(
      topic.brokers % zones.length === 0,
      `topic.brokers: expected a multiple of the ${zones.length} zones, got ${topic.brokers}`,
    ),
    ...says(
      zones.length >= 2 && zones.every((zone) => zone.startsWith(region)),
      `zones: expected two or more of ${region}, got ${zones.join(',')}; say -c zones=${region}a,${region}b`,
    ),
  ];
}

function streamProblems({ mode, every, trigger, executors, driver, executor }: Config['stream']): string[] {
  return [
    ...says(
      mode === 'streaming' || mode === 'available-now',
      `stream.mode: expected streaming or available-now, got ${asText(mode)}`,
    ),
    ...says(secondsOf(every) !== undefined, `stream.every: expected a duration such as 15m, got ${asText(every)}`),
    ...says(
      /^\d+ (milli)?seconds?$/.test(trigger),
      `stream.trigger: expected such as "2 seconds", got ${asText(trigger)}`,
    ),
    ...says(executors >= 1, `stream.executors: expected 1 or more, got ${executors}`),
    ...[driver, executor].flatMap(workerProblems),
  ];
}

const says = (isWell: boolean, problem: string): string[] => (isWell ? [] : [problem]);

function workerProblems({ vcpu, memoryGb: memory }: Config['stream']['driver']): string[] {
  const range = memoryGb[vcpu];
  if (range === undefined)
    return [`stream: expected a worker of ${Object.keys(memoryGb).join(', ')} vCPU, got ${vcpu}`];
  const [least, most] = range;
  return says(
    memory >= least && memory <= most,
    `stream: expected ${least} to ${most} GB with ${vcpu} vCPU, got ${memory}`,
  );
}

function sourceProblems(name: string, source: string): string[] {
  const isKnown = source === 'live' || source === 'sample' || /^https:\/\/\S+$/.test(source);
  return says(isKnown, `sources.${name}: expected live, sample or an https address, got ${asText(source)}`);
}
