import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nobody's shell: no credentials, no region, no home with a profile. */
const env = { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' };

const cdk = (...args: readonly string[]) =>
  run(process.execPath, ['node_modules/aws-cdk/bin/cdk', ...args, '-o', join(folder, 'out')], {
    env,
    timeout: 280_000,
  });

describe('npx cdk synth', () => {
  it('needs no account, says nothing to worry about, and makes the stage dev', async () => {
    const { stderr } = await cdk('synth', '-q', '--all');
    expect(stderr).not.toMatch(/warning|error/i);
    const made = readdirSync(join(folder, 'out')).filter((name) => /^millrace-.*\.template\.json$/.test(name));
    expect(made.map((name) => name.replace(/^millrace-dev-|\.template\.json$/g, '')).sort()).toEqual([
      'functions',
      'landing',
      'network',
      'observe',
      'stream',
      'table',
      'topic',
    ]);
    // Nothing is asked of AWS: whatever a synth needs to look up would stand here.
    const manifest = JSON.parse(readFileSync(join(folder, 'out', 'manifest.json'), 'utf8'));
    expect(manifest.missing ?? []).toEqual([]);
  }, 300_000);

  it('refuses a key that nobody knows, with those there are', async () => {
    const refused = await cdk('synth', '-q', '-c', 'topic.colour=red').catch((error: { stderr: string }) => error);
    expect(refused.stderr).toMatch(/topic\.colour: expected one of stage, zones, region/);
  }, 300_000);
});
