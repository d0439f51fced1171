import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure, Say } from './figures.ts';

const root = join(import.meta.dirname, '..', '..');
const rounds = 5;

/** CPU seconds of `cdk synth -q` and all its processes, by the shell's own account of its children. */
function synthSeconds(app: string, outdir: string): Promise<number> {
  const cdk = `node ${join(root, 'node_modules/aws-cdk/bin/cdk')} synth -q --app '${app}' -o ${outdir} >/dev/null 2>&1; times`;
  return new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-c', cdk], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    shell.once('error', reject);
    // The second line is the children's: 0m8.249s 0m0.988s
    shell.once('close', () => resolve(sumOf(text.trim().split('\n')[1] ?? '')));
  });
}

const sumOf = (line: string) =>
  [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );

/** Synthesizing the platform, against an app of the CDK with one resource in it. */
export const synth = {
  what: `CPU of npx cdk synth -q of the stage dev, ${rounds} times, in turn with an app of one queue`,
  async run(say: Say): Promise<readonly Figure[]> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-synth-'));
    try {
      const empty = join(folder, 'empty.cjs');
      const library = JSON.stringify(join(root, 'node_modules/aws-cdk-lib'));
      await writeFile(
        empty,
        `const { App, Stack, aws_sqs } = require(${library}); new aws_sqs.Queue(new Stack(new App(), 'empty'), 'Queue');`,
      );
      const ours: number[] = [];
      const least: number[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        least.push(await synthSeconds(`node ${empty}`, join(folder, 'empty-out')));
        ours.push(await synthSeconds('node --import tsx infra/synth.ts', join(folder, 'out')));
        say(`  ${round} of ${rounds}`);
      }
      return [
        { name: 'an empty app', value: rounded(median(least)), unit: 's' },
        { name: 'the stage dev', value: rounded(median(ours)), unit: 's', must: 10, stretch: 8 },
        {
          name: 'the stage dev, against an empty app',
          value: rounded(median(ours) / median(least)),
          unit: 'x',
          must: 2.5,
        },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number) => Number(value.toFixed(2));
