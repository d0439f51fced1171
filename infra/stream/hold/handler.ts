import { EMRServerlessClient } from '@aws-sdk/client-emr-serverless';
import { S3Client } from '@aws-sdk/client-s3';
import * as hold from './hold.ts';

const clients: hold.Clients = { emr: new EMRServerlessClient({}), s3: new S3Client({}) };

/** Called once by CloudFormation for each change of `hold` and of `run`. */
export const onEvent = (asked: hold.Asked) => hold.onEvent(clients, asked, new Date());

/** Called until it says yes. */
export const isComplete = (asked: hold.Asked) => hold.isComplete(clients, asked, new Date());
