import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { airflowConfig, airflowEnv, airflowFiles } from '../../../local/airflow/config.ts';
import { loadAirflowSecrets } from '../../../local/airflow/secrets.ts';
import { airflowServices } from '../../../local/airflow/services.ts';
import { openDataFolder } from '../../../local/data-folder.ts';
import { portsFrom } from '../../../local/ports.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'millrace-airflow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = openDataFolder(root);
const ports = portsFrom(19_100);
const files = airflowFiles(folder);
const secrets = loadAirflowSecrets(files.secrets);
const key = { accessKeyId: 'LOCALKEY', secretAccessKey: 'of-airflow-alone' };
const env = airflowEnv(files, { url: 'http://127.0.0.1:19106', key });
const services = airflowServices({ folder, ports, python: '/p', env });
const config = airflowConfig({ ports, listen: '127.0.0.1' }, secrets, files);

const setting = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(config)?.[1];

describe("Airflow's secrets", () => {
  it('are made once, in a file for its owner alone', () => {
    expect(statSync(files.secrets).mode & 0o777).toBe(0o600);
    expect(loadAirflowSecrets(files.secrets)).toEqual(secrets);
    const { fernetKey, ...others } = secrets;
    expect(Buffer.from(fernetKey, 'base64url')).toHaveLength(32);
    expect(fernetKey).toHaveLength(44);
    expect(new Set(Object.values(others).map((one) => JSON.stringify(one))).size).toBe(4);
  });

  it.each(services)('are not on the command line of $name, nor in its environment', (service) => {
    const shown = JSON.stringify([service.args, service.env]);
    const texts = readFileSync(files.secrets, 'utf8').match(/[\w-]{43}/g) ?? [];
    expect(texts).toHaveLength(5);
    expect(texts.filter((secret) => shown.includes(secret))).toEqual([]);
  });
});

describe("Airflow's processes", () => {
  it('are three, none of which serves logs on every interface', () => {
    expect(services.map(({ args }) => args.join(' '))).toEqual([
      '-m airflow api-server',
      '-m airflow scheduler --skip-serve-logs',
      '-m airflow dag-processor',
    ]);
  });

  it('are called by loopback only', () => {
    const texts = [config, JSON.stringify(services)].join('\n');
    expect(texts).not.toMatch(/0\.0\.0\.0|\[::\]|localhost/);
    expect(setting('host')).toBe('127.0.0.1');
    expect(setting('base_url')).toBe('http://127.0.0.1:19108');
    expect(setting('sql_alchemy_conn')).toContain('@127.0.0.1:19100/airflow');
  });

  it('find the steps and the job by their environment, with a key pair of their own', () => {
    expect(env).toMatchObject({
      AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:19106',
      AWS_ENDPOINT_URL_EMR_SERVERLESS: 'http://127.0.0.1:19106',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    });
  });

  it("see nothing of a person's AWS account", () => {
    expect(env.HOME).toBe(files.home);
    expect(env.AWS_EC2_METADATA_DISABLED).toBe('true');
  });
});
