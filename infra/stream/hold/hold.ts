import type { EMRServerlessClient } from '@aws-sdk/client-emr-serverless';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { stopApplication } from './application.ts';

/** Supervise looks at it before it starts a job: {"until": <ISO 8601>}. */
export const holdKey = 'control/hold.json';
/** Longer than a deployment takes; a hold that nobody lifts, because a deployment failed, ends by itself. */
const holdMs = 30 * 60_000;

/** The application may neither be updated nor deleted while it runs: `hold` comes before each, `run` after it. */
export interface Asked {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: {
    readonly part: 'hold' | 'run';
    readonly application: string;
    readonly bucket: string;
    /** For how long a supervise may run that looked before the hold was there. */
    readonly supervisedSeconds: string;
  };
  /** What onEvent answered; isComplete gets it back. */
  readonly Data?: { readonly since: string };
}

export interface Clients {
  readonly emr: EMRServerlessClient;
  readonly s3: S3Client;
}

/** Puts the hold there, or takes it away. */
export async function onEvent({ s3 }: Clients, asked: Asked, now: Date) {
  const { part, bucket: Bucket } = asked.ResourceProperties;
  const object = { Bucket, Key: holdKey };
  if (stops(asked)) {
    const until = new Date(now.getTime() + holdMs).toISOString();
    await s3.send(
      new PutObjectCommand({ ...object, Body: JSON.stringify({ until }), ContentType: 'application/json' }),
    );
  } else if (part === 'run') {
    await s3.send(new DeleteObjectCommand(object));
  }
  return { PhysicalResourceId: part, Data: { since: now.toISOString() } };
}

/** Asked again and again until it is so: the application has stopped, and nobody is left who would start it again. */
export async function isComplete({ emr }: Clients, asked: Asked, now: Date) {
  if (!stops(asked)) return { IsComplete: true };
  const { application, supervisedSeconds } = asked.ResourceProperties;
  const hasStopped = await stopApplication(emr, application);
  const heldMs = now.getTime() - Date.parse(asked.Data?.since ?? now.toISOString());
  return { IsComplete: hasStopped && heldMs >= Number(supervisedSeconds) * 1000 };
}

/** Before an update, and before the application is deleted. */
const stops = ({ RequestType, ResourceProperties: { part } }: Asked) =>
  part === 'hold' ? RequestType === 'Update' : RequestType === 'Delete';
