import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Login } from '../credentials.ts';
import { readJson, writeJson } from '../data-folder.ts';

/** Who a person is in Airflow's pages. */
export const administrator = 'admin';

/** Airflow's own secrets. In a file beside those of the path: a data folder that never had Airflow may still get it. */
export interface AirflowSecrets {
  readonly database: Login;
  /** Of the person at the pages. */
  readonly password: string;
  /** Encrypts what Airflow keeps of connections; as Fernet wants it. */
  readonly fernetKey: string;
  readonly apiSecret: string;
  /** Signs the tokens with which its processes and people come to its API. */
  readonly jwtSecret: string;
}

/** Airflow's secrets, made at its first start, in a file for its owner alone. */
export function loadAirflowSecrets(file: string): AirflowSecrets {
  if (!existsSync(file)) writeJson(file, generate());
  const secrets = readJson<AirflowSecrets>(file);
  if (secrets === undefined)
    throw new Error(`${file} should hold Airflow's secrets as JSON. Remove it and start again.`);
  return secrets;
}

function generate(): AirflowSecrets {
  return {
    database: { user: 'millrace_airflow', password: secret() },
    password: secret(),
    fernetKey: `${secret()}=`,
    apiSecret: secret(),
    jwtSecret: secret(),
  };
}

/** 256 bits in an alphabet that no configuration file or address has to quote. */
const secret = () => randomBytes(32).toString('base64url');
