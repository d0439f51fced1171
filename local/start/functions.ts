import path from 'node:path';
import { airflowCalls, passwordsSecret, roles, secretNameOf, serversOf } from '../../functions/roles.ts';
import { type StepName, steps } from '../../functions/steps.ts';
import { functionPrefix } from '../../stages.ts';
import { jobEntry, jobFolder, jobVersion } from '../../streaming/job-version.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import type { GuardedFunction } from '../aws/server.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Ports } from '../ports.ts';
import { registryUrl } from '../services/registry.ts';

export const applicationId = 'local';

export interface FunctionSetting {
  readonly folder: DataFolder;
  readonly ports: Ports;
  /** Folder of the bundles. */
  readonly bundles: string;
  /** Source of a run that names none. */
  readonly source: string;
}

/** The steps as functions of this machine: the table that AWS reads, with the addresses of this data folder. */
export function functionsOf(setting: FunctionSetting): readonly GuardedFunction[] {
  const environment = environmentOf(setting);
  return steps.map(({ name, timeoutSeconds, memoryMb, concurrency, per }) => ({
    name: functionPrefix + name,
    bundle: path.join(setting.bundles, 'functions', name),
    timeoutSeconds,
    memoryMb,
    concurrency: per === 'pipeline' ? concurrency * pipelines.length : concurrency,
    environment: { ...environment, ...secretNamesOf(name) },
    mayCall: callsOf(name),
  }));
}

const secretVariables = { postgres: 'DATABASE_SECRET', kafka: 'TOPIC_SECRET', cassandra: 'TABLE_SECRET' } as const;

function secretNamesOf(step: StepName): Record<string, string> {
  const names = serversOf(step).map((server) => [secretVariables[server], secretNameOf(step, server)]);
  return { ...Object.fromEntries(names), ...(step === 'prepare' && { PASSWORDS_SECRET: passwordsSecret }) };
}

/** What a function may ask of AWS: its own secrets, the steps that it wakes, its calls of EMR Serverless. */
function callsOf(step: StepName): readonly string[] {
  const { wakes = [], jobs = [] } = roles[step];
  return [
    ...Object.values(secretNamesOf(step)).map((secret) => `secretsmanager:GetSecretValue ${secret}`),
    ...wakes.map((woken) => `lambda:InvokeFunction ${functionPrefix}${woken}`),
    ...jobs.map((call) => `emr-serverless:${call} ${applicationId}`),
  ];
}

/** What Airflow may ask of AWS. */
export const airflowMayCall: readonly string[] = [
  ...airflowCalls.steps.map((step) => `lambda:InvokeFunction ${functionPrefix}${step}`),
  ...[...airflowCalls.application, ...airflowCalls.jobRuns].map((call) => `emr-serverless:${call} ${applicationId}`),
];

function environmentOf({ folder, ports, source }: FunctionSetting): Record<string, string> {
  return {
    STAGE: 'local',
    SOURCE: source,
    REGISTRY_URL: registryUrl(ports.registry),
    ARTIFACTS: folder.data('artifacts'),
    CHECKPOINTS: folder.data('checkpoints'),
    JOB_APPLICATION: applicationId,
    JOB_ENTRY_POINT: path.join(jobFolder, jobEntry),
    JOB_VERSION: jobVersion(),
    FUNCTION_PREFIX: functionPrefix,
  };
}
