import {
  CancelJobRunCommand,
  EMRServerlessClient,
  GetJobRunCommand,
  ResourceNotFoundException,
  StartJobRunCommand,
  ValidationException,
} from '@aws-sdk/client-emr-serverless';
import { PipelineError } from '../../../streaming/errors.ts';
import { lazily } from '../../once.ts';
import type { JobState, Jobs } from '../../ports.ts';

export interface JobSettings {
  readonly applicationId: string;
  readonly roleArn: string;
  /** main.py of the job. */
  readonly entryPoint: string;
  /** Options of spark-submit; settings and jars, never a secret. */
  readonly sparkParameters: string;
  /** s3:// prefix for the logs; without one the service keeps them by itself. */
  readonly logs?: string | undefined;
}

/** Port Jobs on EMR Serverless. */
export function emrServerless(settings: JobSettings, client = lazily(() => new EMRServerlessClient())): Jobs {
  const { applicationId } = settings;
  return {
    start: (job) => reaching(() => start(client(), settings, job)),
    state: (jobRunId) => reaching(() => state(client(), applicationId, jobRunId)),
    cancel: (jobRunId, graceSeconds) => reaching(() => cancel(client(), applicationId, jobRunId, graceSeconds)),
  };
}

/**
 * A streaming job's failed driver is started again by the service. One that ends is tried once: supervise starts the
 * next one from what the tables have absorbed by then.
 */
const modes = {
  streaming: { mode: 'STREAMING', retryPolicy: { maxFailedAttemptsPerHour: 5 } },
  'available-now': { mode: 'BATCH', retryPolicy: { maxAttempts: 1 } },
} as const;

async function start(client: EMRServerlessClient, settings: JobSettings, job: Parameters<Jobs['start']>[0]) {
  const { jobRunId } = await client.send(
    new StartJobRunCommand({
      applicationId: settings.applicationId,
      executionRoleArn: settings.roleArn,
      clientToken: job.clientToken,
      name: job.name,
      ...modes[job.mode],
      jobDriver: {
        sparkSubmit: {
          entryPoint: settings.entryPoint,
          entryPointArguments: [...job.arguments],
          ...(settings.sparkParameters === '' ? {} : { sparkSubmitParameters: settings.sparkParameters }),
        },
      },
      ...(settings.logs === undefined ? {} : { configurationOverrides: logsAt(settings.logs) }),
    }),
  );
  if (jobRunId === undefined) throw new Error('a job run without an id');
  return jobRunId;
}

const logsAt = (logUri: string) => ({ monitoringConfiguration: { s3MonitoringConfiguration: { logUri } } });

const states: Readonly<Record<string, JobState>> = {
  SUBMITTED: 'PENDING',
  PENDING: 'PENDING',
  SCHEDULED: 'PENDING',
  QUEUED: 'PENDING',
  RUNNING: 'RUNNING',
  CANCELLING: 'CANCELLING',
  SUCCESS: 'SUCCESS',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
};

async function state(client: EMRServerlessClient, applicationId: string, jobRunId: string) {
  try {
    const { jobRun } = await client.send(new GetJobRunCommand({ applicationId, jobRunId }));
    return { state: states[jobRun?.state ?? ''] ?? 'UNKNOWN', detail: jobRun?.stateDetails ?? '' };
  } catch (error) {
    // The service forgets old runs, the local one forgets all of them when it stops.
    if (error instanceof ResourceNotFoundException) return { state: 'UNKNOWN' as const, detail: 'no such job run' };
    throw error;
  }
}

async function cancel(client: EMRServerlessClient, applicationId: string, jobRunId: string, graceSeconds: number) {
  try {
    await client.send(new CancelJobRunCommand({ applicationId, jobRunId, shutdownGracePeriodInSeconds: graceSeconds }));
  } catch (error) {
    // It ended meanwhile: the next look finds its last state.
    if (!(error instanceof ValidationException || error instanceof ResourceNotFoundException)) throw error;
  }
}

async function reaching<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const got = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new PipelineError(`EMR Serverless: expected an answer, got ${got}; the next supervise tries again`, {
      code: 'stream_unavailable',
      at: 'stream',
      retriable: true,
      cause,
    });
  }
}
