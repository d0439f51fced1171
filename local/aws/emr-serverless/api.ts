import { Hono } from 'hono';
import { AwsError } from '../aws-error.ts';
import type { Application } from './application.ts';
import type { JobRun } from './job-run.ts';

const releaseLabel = 'emr-7.13.0';
/** What AWS gives a job that is cancelled without saying how long. */
const defaultGraceSeconds = { BATCH: 0, STREAMING: 120 } as const;

/** EMR Serverless as far as our code calls it: its application is looked at, its job runs are real. */
export function emrServerlessApi(application: Application): Hono {
  const everything = new Hono();
  everything.get('/applications', (context) =>
    context.json({ applications: [{ ...describeApplication(application), id: application.id }] }),
  );
  everything.route('/', theApplication(application));
  return everything;
}

function theApplication(application: Application): Hono {
  const api = new Hono().basePath('/applications/:application');
  api.use(async (context, next) => {
    const id = context.req.param('application');
    if (id !== application.id) {
      throw new AwsError(
        'ResourceNotFoundException',
        404,
        `Application ${id} does not exist; there is ${application.id}`,
      );
    }
    await next();
  });
  api.get('/', (context) => context.json({ application: describeApplication(application) }));
  api.patch('/', (context) => {
    application.update();
    return context.json({ application: describeApplication(application) });
  });
  api.post('/stop', (context) => {
    application.stopIdle();
    return context.json({});
  });
  return addJobRuns(api, application);
}

function addJobRuns(api: Hono, application: Application): Hono {
  api.post('/jobruns', async (context) => {
    const run = application.startJobRun(await context.req.json());
    return context.json({ applicationId: application.id, jobRunId: run.id, arn: arnOf(application.id, run.id) });
  });
  api.get('/jobruns', (context) => {
    const states = context.req.queries('states');
    const mode = context.req.query('mode');
    const runs = application
      .list()
      .filter((run) => (states?.includes(run.state) ?? true) && (mode ?? run.request.mode) === run.request.mode);
    return context.json({ jobRuns: runs.map((run) => summarize(application.id, run)) });
  });
  api.get('/jobruns/:run', (context) =>
    context.json({ jobRun: describeJobRun(application.id, application.jobRun(context.req.param('run'))) }),
  );
  api.delete('/jobruns/:run', (context) => {
    const id = context.req.param('run');
    const { mode } = application.jobRun(id).request;
    const grace = context.req.query('shutdownGracePeriodInSeconds');
    application.cancelJobRun(id, grace === undefined ? defaultGraceSeconds[mode] : Number(grace));
    return context.json({ applicationId: application.id, jobRunId: id });
  });
  return api;
}

function describeApplication(application: Application): object {
  return {
    applicationId: application.id,
    name: 'millrace',
    arn: `arn:aws:emr-serverless:us-east-1:000000000000:/applications/${application.id}`,
    type: 'Spark',
    releaseLabel,
    state: application.state,
    createdAt: seconds(application.createdAt),
    updatedAt: seconds(application.updatedAt),
  };
}

function summarize(applicationId: string, run: JobRun): object {
  return {
    applicationId,
    id: run.id,
    arn: arnOf(applicationId, run.id),
    name: run.request.name,
    type: 'SPARK_SUBMIT',
    mode: run.request.mode,
    releaseLabel,
    createdBy: run.request.executionRoleArn,
    executionRole: run.request.executionRoleArn,
    state: run.state,
    stateDetails: run.details,
    attempt: run.attempt,
    createdAt: seconds(run.createdAt),
    updatedAt: seconds(run.updatedAt),
  };
}

function describeJobRun(applicationId: string, run: JobRun): object {
  const { jobDriver, retryPolicy, tags } = run.request;
  return { ...summarize(applicationId, run), jobRunId: run.id, jobDriver, retryPolicy, tags };
}

const arnOf = (application: string, run: string) =>
  `arn:aws:emr-serverless:us-east-1:000000000000:/applications/${application}/jobruns/${run}`;
const seconds = (time: Date) => time.getTime() / 1000;
