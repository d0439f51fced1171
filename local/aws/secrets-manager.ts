import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { secretNameOf } from './call.ts';

const request = z.object({ SecretId: z.string().min(1) });

/** Secrets Manager as far as our code calls it: GetSecretValue, by name or by ARN. */
export function secretsManagerApi(secrets: ReadonlyMap<string, string>): Hono {
  const api = new Hono();
  api.post('/', async (context) => {
    const target = context.req.header('x-amz-target');
    if (target !== 'secretsmanager.GetSecretValue') {
      throw new AwsError(
        'UnknownOperationException',
        400,
        `expected x-amz-target secretsmanager.GetSecretValue, got ${target ?? 'none'}`,
      );
    }
    const parsed = request.safeParse(await context.req.json());
    if (!parsed.success) throw new AwsError('InvalidParameterException', 400, z.prettifyError(parsed.error));
    return context.json(secretValue(secrets, parsed.data.SecretId));
  });
  return api;
}

function secretValue(secrets: ReadonlyMap<string, string>, id: string): object {
  const name = secretNameOf(id);
  const text = secrets.get(name);
  if (text === undefined) {
    const known = [...secrets.keys()].join(', ');
    throw new AwsError('ResourceNotFoundException', 400, `no secret ${JSON.stringify(id)} here; there are: ${known}`);
  }
  return {
    ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`,
    Name: name,
    SecretString: text,
    VersionId: createHash('sha256').update(text).digest('hex').slice(0, 36),
    VersionStages: ['AWSCURRENT'],
  };
}
