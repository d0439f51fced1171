import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../infra/rehearse/localstack.ts';
import { knownThings, nothingLeft } from '../../../infra/rehearse/rehearse.ts';
import { type Services, servicesAt } from '../../../infra/rehearse/services.ts';
import type { Resource } from '../../../infra/rehearse/template.ts';
import { cacheFolder } from '../../../local/install/cache.ts';
import { installLocalStack } from '../../../local/install/localstack.ts';
import { freePort } from '../../../local/ports.ts';
import { onlyPython } from '../../../local/prerequisites.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-localstack-'));
const env = process.env;
const { signal } = new AbortController();
let localstack: LocalStack;
let client: CloudFormationClient;
let services: Services;

beforeAll(async () => {
  const cache = cacheFolder(env, process.platform, os.homedir());
  const python = await installLocalStack({ cache, tools: { ...onlyPython(env), env } });
  const port = await freePort(26_200);
  localstack = await startLocalStack({ python, folder: path.join(folder, 'localstack'), port, env, signal });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const where = { endpoint: localstack.endpoint, region: 'us-east-1', credentials };
  client = new CloudFormationClient(where);
  services = servicesAt(where);
}, 600_000);
afterAll(async () => {
  await localstack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function deployed(stack: string, Thing: Resource) {
  const templates = { [stack]: { Resources: { Thing } } };
  await client.send(new CreateStackCommand({ StackName: stack, TemplateBody: JSON.stringify(templates[stack]) }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 200, minDelay: 1 }, { StackName: stack });
  return templates;
}

describe('LocalStack', { timeout: 600_000 }, () => {
  it.each<[string, Resource]>([
    ['secret', { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'a' } }],
    ['topic', { Type: 'AWS::SNS::Topic' }],
    ['queue', { Type: 'AWS::SQS::Queue' }],
    ['bucket', { Type: 'AWS::S3::Bucket' }],
  ])('makes a %s for real, and takes it away', async (name, resource) => {
    const things = await knownThings(await deployed(name, resource), services);
    await expect(nothingLeft([], services)).rejects.toThrow(`expected no stack but CDKToolkit`);
    await client.send(new DeleteStackCommand({ StackName: name }));
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 200, minDelay: 1 }, { StackName: name });
    await nothingLeft(things, services);
  });

  it('is not believed when it completes a stack of a type that it does not know', async () => {
    const templates = await deployed('claimed', { Type: 'AWS::Glue::Registry', Properties: { Name: 'a' } });
    await expect(knownThings(templates, services)).rejects.toThrow(
      'claimed Thing (AWS::Glue::Registry): expected a physical id, got unknown: nothing was made',
    );
  });

  it('is reached from this machine only', () => {
    const { port } = new URL(localstack.endpoint);
    const { stdout } = spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' });
    expect(stdout.trim().split(/\s+/)[3]).toBe(`127.0.0.1:${port}`);
  });

  it.each([
    ['that does not become ready', 'sleep 60', 'is not ready after 8 s'],
    ['that ends', 'exit 3', 'ended with 3 before it was ready'],
  ])('%s is told with its last 20 lines', async (_, end, told) => {
    const python = path.join(folder, 'python');
    writeFileSync(python, `#!/bin/sh\nfor i in $(seq 30); do echo "line $i"; done\n${end}\n`);
    chmodSync(python, 0o755);
    const start = startLocalStack({ python, folder, port: 26_200, env, signal, seconds: 8 });
    const { message } = await start.then(
      () => new Error('expected an error'),
      (error: Error) => error,
    );
    expect(message).toContain(`LocalStack ${told}. Its last lines:\n  line 11\n`);
    expect(message).toMatch(/line 30$/);
  });
});
