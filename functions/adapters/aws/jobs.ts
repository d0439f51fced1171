import {
  CancelJobRunCommand,
  EMRServerlessClient,
  GetJobRunCommand,
  ResourceNotFoundException,
  StartJobRunCommand,
  ValidationException,
} from '@aws-sdk/client-emr-serverless';
import { PipelineError } from '../../../streaming/errors.ts';
import type { JobState, Jobs } from '../../ports.ts';

export interface JobSettings {
  readonly applicationId: string;
  readonly roleArn: string;
  /** main.py of the job. */
  readonly entryPoint: string;
  /** Options of spark-submit; settings and jars, never a secret. */
  readonly sparkParameters: string;
}

/** Port Jobs on EMR Serverless, in streaming mode: the service starts a failed driver again by itself. */
export function emrServerless(settings: JobSettings, client = new EMRServerlessClient()): Jobs {
  const { applicationId } = settings;
  return {
    start: (job) => reaching(() => start(client, settings, job)),
    state: (jobRunId) => reaching(() => state(client, applicationId, jobRunId)),
    cancel: (jobRunId, graceSeconds) => reaching(() => cancel(client, applicationId, jobRunId, graceSeconds)),
  };
}

async function start(client: EMRServerlessClient, settings: JobSettings, job: Parameters<Jobs['start']>[0]) {
  const { jobRunId } = await client.send(
    new StartJobRunCommand({
      applicationId: settings.applicationId,
      executionRoleArn: settings.roleArn,
      clientToken: job.clientToken,
      name: job.name,
      mode: 'STREAMING',
      retryPolicy: { maxFailedAttemptsPerHour: 5 },
      jobDriver: {
        sparkSubmit: {
          entryPoint: settings.entryPoint,
          entryPointArguments: [...job.arguments],
          ...(settings.sparkParameters === '' ? {} : { sparkSubmitParameters: settings.sparkParameters }),
        },
      },
    }),
  );
  if (jobRunId === undefined) throw new Error('a job run without an id');
  return jobRunId;
}

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
