import { z } from 'zod';
import { PipelineError } from '../streaming/errors.ts';

/**
 * Everything a step learns from its environment; no other file of `functions` reads process.env.
 * Secrets are not here: they come from Secrets Manager, by the names given here.
 */
const environment = z.object({
  /** Secret with {host, port, database, user, password, ca?} of PostgreSQL. */
  DATABASE_SECRET: z.string().optional(),
  /** Secret with {brokers, user, password} of Kafka. */
  TOPIC_SECRET: z.string().optional(),
  /** Secret with {host, port, datacenter, user, password} of Cassandra. */
  TABLE_SECRET: z.string().optional(),
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
  /** Source of a pipeline unless an event says another: `live`, `sample` or an address. */
  SOURCE: z.string().default('live'),
  /** Where the bundle lies; Lambda sets it. */
  LAMBDA_TASK_ROOT: z.string().default('.'),
  /** Prefix of the functions' names: `millrace-` + step. */
  FUNCTION_PREFIX: z.string().default('millrace-'),
});

export type Environment = z.infer<typeof environment>;

export function readEnvironment(): Environment {
  return environment.parse(process.env);
}

/** A setting that only some steps need, and this one does. */
export function needed<K extends keyof Environment>(env: Environment, name: K): NonNullable<Environment[K]> {
  const value = env[name];
  if (value !== undefined) return value as NonNullable<Environment[K]>;
  throw new PipelineError(`environment: expected ${name}, got nothing; the stack or the local runner sets it`, {
    code: 'bad_request',
    at: 'source',
    retriable: false,
  });
}
