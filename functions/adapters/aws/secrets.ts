import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import { lazily } from '../../once.ts';

/** Reads secrets, once per process each. */
export interface Secrets {
  read<T>(name: string, shape: z.ZodType<T>): Promise<T>;
  /** The next read asks again: the password was rotated. */
  forget(name: string): void;
}

export function secretsManager(client = lazily(() => new SecretsManagerClient())): Secrets {
  const texts = new Map<string, Promise<string>>();

  const fetchText = async (name: string): Promise<string> => {
    const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId: name }));
    return SecretString ?? '';
  };

  return {
    async read(name, shape) {
      const text = texts.get(name) ?? fetchText(name);
      texts.set(name, text);
      try {
        return shape.parse(JSON.parse(await text));
      } catch (error) {
        texts.delete(name);
        // The parser's own message would quote the secret.
        throw new Error(`secret ${name}: expected JSON of a known shape, got something else or no answer`, {
          cause: error instanceof SyntaxError ? undefined : error,
        });
      }
    },
    forget: (name) => void texts.delete(name),
  };
}
