import {
  CancelJobRunCommand,
  type EMRServerlessClient,
  JobRunState,
  ListApplicationsCommand,
  ListJobRunsCommand,
  StopApplicationCommand,
  ValidationException,
} from '@aws-sdk/client-emr-serverless';

const active: JobRunState[] = [
  JobRunState.SUBMITTED,
  JobRunState.PENDING,
  JobRunState.QUEUED,
  JobRunState.SCHEDULED,
  JobRunState.RUNNING,
  JobRunState.CANCELLING,
];
/** A batch ends within seconds; what is cut off in the middle is done again by the next generation. */
const graceSeconds = 60;

/**
 * One step on the way to an application that has stopped: cancels what runs, stops what is idle. Answers whether it has
 * arrived; an application that is not there has.
 */
export async function stopApplication(emr: EMRServerlessClient, name: string): Promise<boolean> {
  const application = await findApplication(emr, name);
  if (application === undefined) return true;
  const running = await cancelJobRuns(emr, application.id);
  if (running > 0) return false;
  if (application.state === 'STARTED') await stop(emr, application.id);
  return application.state === 'CREATED' || application.state === 'STOPPED';
}

async function findApplication(emr: EMRServerlessClient, name: string) {
  let nextToken: string | undefined;
  do {
    const answer = await emr.send(new ListApplicationsCommand({ nextToken }));
    const found = answer.applications?.find((one) => one.name === name && one.state !== 'TERMINATED');
    if (found?.id !== undefined) return { id: found.id, state: found.state };
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}

/** How many have not ended yet. */
async function cancelJobRuns(emr: EMRServerlessClient, applicationId: string): Promise<number> {
  const { jobRuns = [] } = await emr.send(new ListJobRunsCommand({ applicationId, states: active }));
  for (const { id: jobRunId, state } of jobRuns) {
    if (state === 'CANCELLING') continue;
    const run = { applicationId, jobRunId, shutdownGracePeriodInSeconds: graceSeconds };
    await unlessTooLate(() => emr.send(new CancelJobRunCommand(run)));
  }
  return jobRuns.length;
}

const stop = (emr: EMRServerlessClient, applicationId: string) =>
  unlessTooLate(() => emr.send(new StopApplicationCommand({ applicationId })));

/** A job run ended or was started since we looked: the next look sees it. */
async function unlessTooLate(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ValidationException)) throw error;
  }
}
