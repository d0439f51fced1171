import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { AwsCredentials } from '../aws/signature.ts';
import { keyPair } from '../credentials.ts';
import { readJson, writeJson } from '../data-folder.ts';

/** Secrets between containers, which on a machine are between processes of one runner. */
export interface ContainerSecrets {
  /** Spark's master, worker and drivers know each other by it. */
  readonly spark: string;
  /** What Airflow calls with. */
  readonly airflow: AwsCredentials;
}

export function loadContainerSecrets(file: string): ContainerSecrets {
  if (!existsSync(file)) writeJson(file, { spark: randomBytes(32).toString('base64url'), airflow: keyPair() });
  const secrets = readJson<ContainerSecrets>(file);
  if (secrets === undefined)
    throw new Error(`${file} should hold the containers' secrets as JSON. Start over: docker compose down -v`);
  return secrets;
}
