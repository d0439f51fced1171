import { type StageName, stages, usualRegion } from '../stages.ts';
import { isCounted } from '../streaming/definition.ts';
import { pipelines } from '../streaming/pipelines/index.ts';
import { versions } from '../versions.ts';
import { checkConfig } from './config-check.ts';
import { overridden } from './overrides.ts';

/** What a stage is made of. Everything that costs, and everything that one stage has and another has not, stands here. */
export interface Config {
  readonly stage: StageName;
  /** What a person sees of the mission in this stage. */
  readonly shows: string;
  readonly region: string;
  /** Availability zones; the first ones of the region unless named. */
  readonly zones: readonly string[];
  readonly network: {
    readonly natGateways: number;
    /** Interface endpoints for the AWS services that the path calls; without them the calls leave through NAT. */
    readonly endpoints: boolean;
  };
  readonly landing: {
    readonly postgres: string;
    readonly instance: string;
    readonly storageGb: number;
    readonly multiAz: boolean;
    readonly backupDays: number;
  };
  readonly topic: {
    readonly kafka: string;
    readonly instance: string;
    /** A multiple of the number of zones. */
    readonly brokers: number;
    readonly volumeGb: number;
    readonly replication: number;
    readonly minIsr: number;
  };
  readonly stream: {
    readonly release: string;
    /** `available-now`: a batch job every `every`; `streaming`: one that never ends. */
    readonly mode: 'streaming' | 'available-now';
    readonly every: string;
    /** Least time from one batch of a streaming job to the next. */
    readonly trigger: string;
    readonly driver: Worker;
    readonly executor: Worker;
    readonly executors: number;
    readonly idleMinutes: number;
  };
  readonly functions: {
    /** Keeps `steps.ts`'s concurrency back for each function; an account that is new has none to give. */
    readonly reserved: boolean;
    readonly logDays: number;
  };
  readonly orchestration: {
    readonly kind: 'mwaa' | 'none';
    readonly airflow: string;
    readonly environment: string;
  };
  /** Source of each pipeline: `live`, `sample` (made by the pipeline's own generator) or an address. */
  readonly sources: Readonly<Record<string, string>>;
  /** Records of one run, for pipelines that ask for a number of them; 0: as the definition says. */
  readonly records: number;
  readonly alarms: {
    /** Who is told; nobody when empty. */
    readonly email: string;
  };
  readonly budgetUsd: number;
  /** What becomes of stores that hold records when their stack goes. */
  readonly data: 'retain' | { readonly destroyData: true; readonly because: string };
}

interface Worker {
  readonly vcpu: number;
  readonly memoryGb: number;
}

const sourcesOf = (source: string) => Object.fromEntries(pipelines.map(({ name }) => [name, source]));

/** What is the same in every stage, until a stage says otherwise. */
const common = {
  region: usualRegion,
  landing: { postgres: '18.3', instance: 'db.t4g.micro', storageGb: 20, multiAz: false, backupDays: 1 },
  // Two small brokers: one that restarts leaves the other alone, so the topic must take writes with one replica.
  topic: { kafka: '4.1.x.kraft', instance: 'kafka.t3.small', brokers: 2, volumeGb: 20, replication: 2, minIsr: 1 },
  stream: {
    release: 'emr-7.13.0',
    mode: 'streaming',
    every: '15m',
    trigger: '2 seconds',
    driver: { vcpu: 1, memoryGb: 4 },
    executor: { vcpu: 1, memoryGb: 4 },
    executors: 1,
    idleMinutes: 5,
  },
  functions: { reserved: false, logDays: 14 },
  orchestration: { kind: 'none', airflow: versions.airflow, environment: 'mw1.micro' },
  records: 0,
  alarms: { email: '' },
} as const;

const inStages: Readonly<Record<StageName, Omit<Config, 'zones'>>> = {
  dev: {
    ...common,
    stage: 'dev',
    shows: 'the path at its least price: made-up records, Spark as a batch job every 15 minutes, no Airflow',
    network: { natGateways: 1, endpoints: false },
    // A week of made-up records is less than a gigabyte.
    topic: { ...common.topic, volumeGb: 10 },
    stream: { ...common.stream, mode: 'available-now' },
    sources: sourcesOf('sample'),
    records: 100,
    budgetUsd: 180,
    data: { destroyData: true, because: 'made-up records: the samples make the same ones again' },
  },
  full: {
    ...common,
    stage: 'full',
    shows: 'every part of the mission: live sources, Spark streaming, Airflow with its UI',
    network: { natGateways: 1, endpoints: false },
    orchestration: { ...common.orchestration, kind: 'mwaa' },
    sources: sourcesOf('live'),
    budgetUsd: 520,
    data: 'retain',
  },
  prod: {
    ...common,
    stage: 'prod',
    shows: 'all of it for work: three zones, a standby database, room to grow, private endpoints',
    network: { natGateways: 3, endpoints: true },
    landing: { ...common.landing, instance: 'db.m7g.large', storageGb: 100, multiAz: true, backupDays: 14 },
    topic: { ...common.topic, instance: 'kafka.m7g.large', brokers: 3, volumeGb: 200, replication: 3, minIsr: 2 },
    stream: { ...common.stream, driver: { vcpu: 2, memoryGb: 8 }, executor: { vcpu: 2, memoryGb: 8 }, executors: 2 },
    functions: { reserved: true, logDays: 90 },
    orchestration: { ...common.orchestration, kind: 'mwaa', environment: 'mw1.small' },
    sources: sourcesOf('live'),
    budgetUsd: 2500,
    data: 'retain',
  },
};

const zonesIn: Readonly<Record<StageName, number>> = { dev: 2, full: 2, prod: 3 };

/** A stage's configuration; `overrides` are `-c key=value`, with keys such as `topic.instance` or `sources.<pipeline>`. */
export function configOf(stage: string = 'dev', overrides: Readonly<Record<string, string>> = {}): Config {
  const known = stages.find((name) => name === stage);
  if (known === undefined) {
    throw new Error(`stage: expected one of ${stages.join(', ')}, got ${JSON.stringify(stage)}; say -c stage=dev`);
  }
  const { zones, ...rest } = overrides;
  const config = overridden(inStages[known], rest);
  const letters = ['a', 'b', 'c'].slice(0, zonesIn[known]);
  return checkConfig({
    ...config,
    zones: zones === undefined ? letters.map((letter) => config.region + letter) : zones.split(','),
  });
}

/** Records that one run of a pipeline asks for; undefined: what its definition says. */
export function recordsOf(config: Config, pipeline: (typeof pipelines)[number]): number | undefined {
  return config.records > 0 && isCounted(pipeline) ? config.records : undefined;
}
