import { setTimeout as sleep } from 'node:timers/promises';
import { functionPrefix } from '../../stages.ts';
import { auditTopicOf, consumerGroupOf } from '../../streaming/names.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { type LocalAws, startAws } from '../aws/server.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import { type Platform, removePlatform, writePlatform } from '../data-folder.ts';
import { startEventSource } from '../event-source.ts';
import { allOrFirstError } from '../install/install.ts';
import { keepStates } from '../service-states.ts';
import type { Setting } from '../services/setting.ts';
import { type StepClient, StepFailure, stepClient } from '../step-client.ts';
import type { SupervisorEvent } from '../supervisor/supervised.ts';
import type { Running } from '../supervisor/supervisor.ts';
import { awsOptions, type Cluster } from './aws-options.ts';
import type { Progress } from './progress.ts';
import { topicSecretOf } from './secrets.ts';
import { startSupervising } from './supervising.ts';

/** What is undone at the stop, the newest first. */
export type Undo = (() => Promise<void> | void)[];

export interface PathOptions {
  /** Source of runs that name none. */
  readonly source: string;
  readonly cluster: Cluster;
  /** Further properties of the Spark job. */
  readonly spark?: Readonly<Record<string, string>>;
  /** What Airflow calls with. */
  readonly airflowKey: AwsCredentials;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Ready when every server is healthy. */
  servers(onEvent: (event: SupervisorEvent) => void): Promise<Running>;
  /** Ready when they lie in that folder. */
  bundles(): Promise<string>;
  /** What other commands need to know besides. */
  platform(url: string): Partial<Platform>;
}

/** What is there once the path is. */
export interface OnServers {
  readonly steps: StepClient;
  readonly aws: LocalAws;
  /** Notes the state of a server where the status looks. */
  readonly noteState: (event: SupervisorEvent) => void;
}

/** The path on its servers, whoever runs them: its functions, its stores, its stream. */
export async function startOn(setting: Setting, options: PathOptions, undo: Undo): Promise<OnServers> {
  const { progress, signal } = options;
  const { folder, ports, credentials } = setting;
  const states = keepStates(folder.root, progress.log);
  undo.push(() => states.remove());
  const aws = await startServersAndFunctions(setting, options, states.note, undo);
  const steps = stepClient({ url: aws.url, ...credentials.aws, region: 'us-east-1', functionPrefix });
  undo.push(() => steps.close());

  await progress.during('stores', () => prepareStores(steps, progress.log, signal));
  const supervising = startSupervising(steps, progress.log);
  undo.push(() => supervising.stop());
  await allOrFirstError([
    listenToAudit(steps, setting, progress).then((stop) => void undo.push(stop)),
    progress.during('stream', () => supervising.untilReading(signal)),
  ]);

  writePlatform(folder, { ports, endpoints: { aws: aws.url }, scheduled: [], ...options.platform(aws.url) });
  undo.push(() => removePlatform(folder));
  return { steps, aws, noteState: states.note };
}

const prepareAttempts = 5;

/** A server that has just come up may still be at it: a new topic has no leader yet, a new keyspace no schema. */
async function prepareStores(steps: StepClient, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await steps.call('prepare', {}));
    } catch (error) {
      const isUnavailable = error instanceof StepFailure && error.code.endsWith('_unavailable');
      if (!isUnavailable || attempt === prepareAttempts) throw error;
      log(`${error.message}; asked again`);
      await sleep(1000, undefined, { signal });
    }
  }
}

/** Whichever fails, the other is waited for: nothing may be left running behind an error. */
async function startServersAndFunctions(
  setting: Setting,
  options: PathOptions,
  noteState: (event: SupervisorEvent) => void,
  undo: Undo,
): Promise<LocalAws> {
  const { progress, signal } = options;
  const onEvent = (event: SupervisorEvent) => {
    noteState(event);
    progress.service(event);
  };
  const [servers, aws] = await Promise.allSettled([
    options.servers(onEvent),
    progress
      .during('functions', () => options.bundles())
      .then((bundles) => startAws(awsOptions(setting, { ...options, bundles }))),
  ]);
  if (servers.status === 'fulfilled') undo.push(() => servers.value.stop());
  if (aws.status === 'fulfilled') undo.push(() => aws.value.stop());
  if (servers.status === 'rejected') throw servers.reason;
  if (aws.status === 'rejected') throw aws.reason;
  signal.throwIfAborted();
  return aws.value;
}

/** One event source mapping per pipeline, as on AWS: the topics' order is per pipeline. Answers what stops them. */
async function listenToAudit(steps: StepClient, { ports, credentials }: Setting, { log }: Progress) {
  const kafka = topicSecretOf(ports, credentials, 'audit');
  const invoke = async (event: object) => void (await steps.call('audit', event));
  const sources = await Promise.all(
    pipelines.map((pipeline) =>
      startEventSource({ kafka, groupId: consumerGroupOf(pipeline), topics: [auditTopicOf(pipeline)], invoke, log }),
    ),
  );
  return async () => void (await Promise.all(sources.map((source) => source.stop())));
}
