import { z } from 'zod';
import { PipelineError } from '../streaming/errors.ts';
import type { AwsCredentials, Signer } from './adapters/aws/sigv4.ts';

/** A JSON object of texts. */
const texts = z
  .string()
  .transform((text) => JSON.parse(text))
  .pipe(z.record(z.string(), z.string()));

/**
 * Everything a step learns from its environment; no other file of `functions` reads process.env. Which variables are
 * there picks the adapter: a secret names a server of any place with a login, a host or brokers alone a service of AWS.
 */
const environment = z.object({
  /** Secret with {host, port, database, user, password, ca?} of PostgreSQL; beside DATABASE_HOST {username, password}. */
  DATABASE_SECRET: z.string().optional(),
  /** PostgreSQL on RDS: TLS, and a token of IAM as the password of DATABASE_USER unless there is a secret. */
  DATABASE_HOST: z.string().optional(),
  DATABASE_PORT: z.coerce.number().default(5432),
  DATABASE_NAME: z.string().default('millrace'),
  DATABASE_USER: z.string().optional(),
  /** Secret with {brokers, user, password} of Kafka. */
  TOPIC_SECRET: z.string().optional(),
  /** Brokers of MSK: TLS, and a token of IAM. */
  TOPIC_BROKERS: z.string().optional(),
  /** Secret with {host, port, datacenter, user, password} of Cassandra. */
  TABLE_SECRET: z.string().optional(),
  /** Keyspaces: TLS, and a signature as the password. */
  TABLE_HOST: z.string().optional(),
  /** How many seconds back the tables take a write time; any unless said. */
  TABLES_TAKE: z.coerce.number().positive().optional(),
  /** For so many days the longest backup keeps what was in a store; unset where there are none. */
  BACKUP_DAYS: z.coerce.number().positive().optional(),
  /** Secret with the passwords that `prepare` gives PostgreSQL's roles, by user; without it they log in by IAM. */
  PASSWORDS_SECRET: z.string().optional(),
  /** Base of Confluent's API; used unless a Glue registry is named. */
  REGISTRY_URL: z.url().optional(),
  /** Name of the registry in AWS Glue. */
  GLUE_REGISTRY: z.string().optional(),
  /** Folder or s3:// prefix of the manifest and the schemas that the Spark job reads. */
  ARTIFACTS: z.string().optional(),
  /** Folder or s3:// prefix under which every generation keeps a checkpoint of its own. */
  CHECKPOINTS: z.string().optional(),
  STAGE: z.string().default('local'),
  JOB_APPLICATION: z.string().default('local'),
  JOB_ROLE_ARN: z.string().default('arn:aws:iam::000000000000:role/local'),
  /** main.py of the Spark job. */
  JOB_ENTRY_POINT: z.string().optional(),
  /** Changes whenever the job's code or the manifest does: supervise then starts the next generation. */
  JOB_VERSION: z.string().optional(),
  JOB_SPARK_PARAMETERS: z.string().default(''),
  /** Whether the job goes on for ever, or reads what is there, ends, and is started again. */
  JOB_MODE: z.enum(['streaming', 'available-now']).default('streaming'),
  /** Least time from the start of one job that ends to the next. */
  JOB_EVERY: z
    .string()
    .regex(/^[1-9]\d*[mhd]$/)
    .default('15m'),
  /** Least time from one batch of a streaming job to the next, such as `10 seconds`. */
  JOB_TRIGGER: z.string().optional(),
  /** s3:// prefix under which EMR Serverless keeps the job's logs. */
  JOB_LOGS: z.string().optional(),
  /** Source of a pipeline unless an event says another: `live`, `sample` or an address. */
  SOURCE: z.string().default('live'),
  /** The same by pipeline, as JSON. */
  SOURCES: texts.default({}),
  AWS_REGION: z.string().optional(),
  /** Where the bundle lies; Lambda sets it. */
  LAMBDA_TASK_ROOT: z.string().default('.'),
  /** Prefix of the functions' names: `millrace-` + step. */
  FUNCTION_PREFIX: z.string().default('millrace-'),
});

export type Environment = z.infer<typeof environment>;

export function readEnvironment(): Environment {
  return environment.parse(process.env);
}

/** Whom AWS knows this process as, now: Lambda renews its keys while a process lives. */
export function readSigner(env: Environment): Signer {
  return { region: needed(env, 'AWS_REGION'), credentials: readCredentials() };
}

function readCredentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId || !secretAccessKey)
    throw missing('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY', 'Lambda sets them');
  return { accessKeyId, secretAccessKey, sessionToken: process.env['AWS_SESSION_TOKEN'] || undefined };
}

/** A setting that only some steps need, and this one does. */
export function needed<K extends keyof Environment>(env: Environment, name: K): NonNullable<Environment[K]> {
  const value = env[name];
  if (value !== undefined) return value as NonNullable<Environment[K]>;
  throw missing(name, 'the stack or the local runner sets it');
}

function missing(what: string, advice: string): PipelineError {
  return new PipelineError(`environment: expected ${what}, got nothing; ${advice}`, {
    code: 'bad_request',
    at: 'source',
    retriable: false,
  });
}
