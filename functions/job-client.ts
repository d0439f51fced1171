import { emrServerless } from './adapters/aws/jobs.ts';
import { type Environment, needed } from './env.ts';
import type { Jobs } from './ports.ts';

/** Job runs of the application that the environment names. */
export const jobClient = (env: Environment): Jobs =>
  emrServerless({
    applicationId: env.JOB_APPLICATION,
    roleArn: env.JOB_ROLE_ARN,
    entryPoint: needed(env, 'JOB_ENTRY_POINT'),
    sparkParameters: env.JOB_SPARK_PARAMETERS,
    logs: env.JOB_LOGS,
  });
