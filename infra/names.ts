import { Aws } from 'aws-cdk-lib';
import type { StepName } from '../functions/steps.ts';
import { functionPrefix } from '../stages.ts';
import type { Config } from './config.ts';

/** Names on AWS. What a pipeline has is named in streaming/names.ts; one account and region holds one stage. */

export const functionName = (step: StepName) => functionPrefix + step;
export const logGroupName = (step: StepName) => `/aws/lambda/${functionName(step)}`;
export const clusterName = 'millrace';
export const databaseName = 'millrace';
/** Identifier of the instance of RDS. */
export const databaseInstance = 'millrace';
export const registryName = 'millrace';
export const applicationName = 'millrace';
export const airflowName = 'millrace';
export const stackId = ({ stage }: Pick<Config, 'stage'>, noun: string) => `millrace-${stage}-${noun}`;

/** Bucket of the job, the jars, the manifest and the schemas, the checkpoints and the logs of Spark. */
export const artifactBucketName = ({ stage, region }: Pick<Config, 'stage' | 'region'>) =>
  `millrace-${stage}-${Aws.ACCOUNT_ID}-${region}`;
export const dagBucketName = ({ stage, region }: Pick<Config, 'stage' | 'region'>) =>
  `millrace-${stage}-dags-${Aws.ACCOUNT_ID}-${region}`;
