import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { question } from '../../functions/inspect/questions.ts';
import { steps } from '../../functions/steps.ts';
import { configOf } from '../../infra/config.ts';
import { billOf, goals } from '../../infra/cost/bill.ts';
import { volumesOf } from '../../infra/cost/volume.ts';
import { refusalsOf } from '../../infra/keyspaces-cql.ts';
import { functionName } from '../../infra/names.ts';
import { proofs } from '../../infra/prove/proofs.ts';
import { stages } from '../../stages.ts';
import { pipelineNamed, pipelines } from '../../streaming/pipelines/index.ts';
import { blocksOf } from '../e2e/page.ts';
import { usualAccount } from './commands/played-aws.ts';
import { Rehearsal, root } from './commands/rehearsal.ts';

const page = readFileSync(path.join(root, 'docs/deploy.md'), 'utf8');
const commands = blocksOf(page).flatMap((block) => block.commands);
const operating = commands.filter((command) =>
  /^npm run (dead|redrive|reconcile|backfill|stream|retain) .*--stage dev$/.test(command),
);
const ours = (verb: string) => commands.filter((command) => command.startsWith(`npm run ${verb} `));

const billFor = (stage: string) => {
  const config = configOf(stage);
  return billOf(config, volumesOf(config, pipelines), 1);
};

describe('docs/deploy.md', { timeout: 300_000 }, () => {
  it.each(stages)('opens with what %s shows, and at what price', (stage) => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \| (\d+) \|$/gm)].map(([, name, shows, usd]) => ({
      name,
      shows,
      usd,
    }));
    expect(page.indexOf('| stage |')).toBeLessThan(page.indexOf('\n## '));
    expect(rows).toContainEqual({
      name: stage,
      shows: configOf(stage).shows,
      usd: String(Math.round(billFor(stage).usd)),
    });
  });

  it.each(Object.entries(goals))('says when %s costs more than %d, and what the largest line is', (stage, goal) => {
    const { usd, lines } = billFor(stage);
    const largest = [...lines].sort((a, b) => b.usd - a.usd)[0];
    const [noun = ''] = largest?.what.split(',') ?? [];
    const admitted = `\`${stage}\` was meant to cost ${goal} at most and costs ${Math.round(usd)}: its largest line is ${noun}`;
    expect(page.includes(admitted)).toBe(usd > goal);
  });

  it.each(Object.keys(goals))('is of one mind with README about the price of %s', (stage) => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
    expect(readme).toContain(`\`${stage}\` (about ${Math.round(billFor(stage).usd)}`);
  });

  it('lists what only an account can prove, line by line as prove ticks it off', () => {
    const [, list = ''] = page.split('## What only a real account can prove');
    const [proved = '', looked = ''] = list.split('For you to look at:');
    const linesIn = (text: string) =>
      [...text.matchAll(/^- `([\w-]+)`: (.+)$/gm)].map(([, id, says]) => ({ id, says }));
    const linesOf = (by: string) => proofs.filter((one) => one.by === by).map(({ id, says }) => ({ id, says }));
    expect({ prove: linesIn(proved), you: linesIn(looked) }).toEqual({ prove: linesOf('prove'), you: linesOf('you') });
  });

  it('has no command that is not tried here, or by its own test', () => {
    const tried = /^(npm run (cost|deploy|destroy|prove|rehearse|synth) |npx cdk bootstrap |aws lambda invoke )/;
    const untried = commands.filter((command) => !tried.test(command) && !operating.includes(command));
    expect(untried).toEqual([]);
  });

  it.each(ours('cost').concat(ours('synth')))('%s runs', (command) => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: root, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });

  it.each(commands.filter((command) => command.startsWith('npx ')))('%s names what there is', (command) => {
    expect(spawnSync('/bin/sh', ['-c', `${command} --help`], { cwd: root }).status).toBe(0);
  });

  it.each(commands.filter((command) => command.startsWith('aws ')))('%s asks what can be asked', (command) => {
    const [, name] = /--function-name (\S+)/.exec(command) ?? [];
    const [, payload = ''] = /--payload '(.+?)'/.exec(command) ?? [];
    expect(steps.map((step) => functionName(step.name))).toContain(name);
    const asked = question.parse(JSON.parse(payload));
    if (asked.pipeline !== undefined) expect(() => pipelineNamed(asked.pipeline ?? '')).not.toThrow();
  });

  it('asks Keyspaces for tables and columns that there are, in words that it knows', () => {
    const [, body = ''] = /```cql\n([\s\S]*?)```/.exec(page) ?? [];
    const statements = body.trim().split('\n');
    expect(statements.length).toBeGreaterThan(1);
    for (const statement of statements) {
      expect(refusalsOf(statement)).toEqual([]);
      const [, table = ''] = /FROM millrace\.(\w+)/.exec(statement) ?? [];
      expect(pipelines.flatMap((pipeline) => Object.keys(pipeline.tables))).toContain(table);
    }
  });

  it('names files that exist', () => {
    const named = [...page.matchAll(/`((?:infra|docs)\/[\w./-]+\.\w+)`/g)].map(([, file]) => file as string);
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  describe('in a rehearsal', () => {
    let rehearsal: Rehearsal;

    beforeAll(async () => {
      rehearsal = await Rehearsal.start();
      rehearsal.aws.played = { ...usualAccount, stacks: { ...usualAccount.stacks, 'millrace-dev-network': {} } };
    });
    afterAll(() => rehearsal.stop());

    const forDev = ['deploy', 'destroy'].flatMap(ours).filter((command) => command.includes('--stage dev'));
    it.each(forDev)('%s does what it says', async (command) => {
      const [, verb = '', args = ''] = /^npm run (\w+) -- (.*)$/.exec(command) ?? [];
      const { code, stderr, cdk } = await rehearsal.run(verb, [...args.split(' '), '--yes']);
      expect(code, stderr).toBe(0);
      expect(cdk.at(-1)?.verb).toBe(verb);
    });

    it.each(operating)('%s shows what the stage answers', async (command) => {
      const [, verb = '', args = ''] = /^npm run (\w+) -- (.*)$/.exec(command) ?? [];
      const nothing = { pipelines: [], letters: [], next: null, days: [], made: [], inNet: 0 };
      rehearsal.aws.played = { ...rehearsal.aws.played, invoke: () => nothing };
      rehearsal.aws.asked.splice(0);
      const { code, stderr } = await rehearsal.runAs(`local/commands/${verb}`, [...args.split(' '), '--rehearse']);
      expect(code, stderr).toBe(0);
      expect(rehearsal.aws.asked).toEqual(['lambda/configuration', 'lambda/invocations']);
    });

    it.each([...ours('prove'), ...ours('deploy').filter((command) => !command.includes('--stage dev'))])(
      '%s is understood',
      async (command) => {
        rehearsal.aws.played = usualAccount;
        const [, verb = '', args = ''] = /^npm run (\w+) -- (.*)$/.exec(command) ?? [];
        // What it does is its own test's; here it is asked for what cannot be, last of all.
        const { stderr } = await rehearsal.run(verb, [...args.split(' '), '-c', 'stream.release=emr-none']);
        expect(stderr).toContain('cannot be deployed so');
      },
    );
  });
});
