import { z } from 'zod';
import { AwsError } from '../aws-error.ts';

const startJobRun = z.strictObject({
  clientToken: z.string().min(1),
  executionRoleArn: z.string().min(1),
  name: z.string().optional(),
  jobDriver: z.strictObject({
    sparkSubmit: z.strictObject({
      entryPoint: z.string().min(1),
      entryPointArguments: z.array(z.string()).default([]),
      sparkSubmitParameters: z.string().default(''),
    }),
  }),
  /** Where logs go on AWS; here they go to the log folder. */
  configurationOverrides: z.unknown().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  mode: z.enum(['BATCH', 'STREAMING']).default('BATCH'),
  retryPolicy: z
    .strictObject({
      maxAttempts: z.int().min(1).max(10).optional(),
      maxFailedAttemptsPerHour: z.int().min(1).max(10).optional(),
    })
    .default({}),
});

export type StartJobRun = z.infer<typeof startJobRun>;

/** Refuses what this endpoint would not honour, instead of dropping it silently. */
export function parseStartJobRun(body: unknown): StartJobRun {
  const parsed = startJobRun.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AwsError('ValidationException', 400, `StartJobRun, as spoken here: ${z.prettifyError(parsed.error)}`);
}
