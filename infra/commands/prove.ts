import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { confirmed } from '../../local/commands/ask.ts';
import { imbalances } from '../../local/once/verdict.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { changedCheckout } from '../prove/change.ts';
import { type ProvePorts, prove } from '../prove/prove.ts';
import { callStepsIn } from '../prove/steps.ts';
import { Ticks, tickText } from '../prove/ticks.ts';
import { type AccountOptions, accountCommand, portsOf } from '../verb/account.ts';
import { endWith, Interrupted } from '../verb/end.ts';
import { chosenConfig } from '../verb/stage.ts';

interface ProveOptions extends AccountOptions {
  readonly json: boolean;
  readonly wait: number;
  readonly every: number;
}

const what =
  'Proves in an account what no test without one can: deploys the stage, does a run, deploys a change, does another, ' +
  'destroys the stage. About two hours; AWS asks for its price meanwhile.';

const command = accountCommand('prove', what)
  .option('--wait <minutes>', 'how long a run may take', positive, 45)
  .option('--every <seconds>', 'how often to look', positive, 15)
  .option('--json', 'one JSON object at the end', false)
  .action((options: ProveOptions) => endWith(() => run(options)));

async function run(options: ProveOptions): Promise<number> {
  const config = chosenConfig(options);
  const ports = provePorts(options);
  if (!(await ports.confirm(`Deploy stage ${config.stage}, run it, change it and destroy it?`))) return 1;
  const ticks = new Ticks();
  // It has been asked once; the destruction at its end is part of what was meant.
  const failure = await prove(config, { ...ports, confirm: async () => true }, ticks).catch((error: unknown) => error);
  const verdict = failure === undefined && ticks.areComplete() ? 'proved' : 'not proved';
  if (options.json) console.log(JSON.stringify({ stage: config.stage, verdict, ticks: ticks.list() }));
  else for (const tick of ticks.list()) console.log(tickText(tick));
  if (failure !== undefined) {
    ports.say(`What is deployed is still there, and costs: npm run destroy -- --stage ${config.stage}`);
    throw failure;
  }
  return verdict === 'proved' ? 0 : 1;
}

function provePorts(options: ProveOptions): ProvePorts {
  const config = chosenConfig(options);
  const instead = `npm run prove -- --stage ${config.stage} --yes`;
  const [first] = pipelines;
  return {
    ...portsOf(config, options, {
      env: process.env,
      confirm: (question) => confirmed(question, instead),
      isForPrograms: options.json,
    }),
    call: callStepsIn(config.region),
    patience: { minutes: options.wait, everyMs: options.every * 1000, sleep: interruptible() },
    pipelines: pipelines.map(({ name }) => name),
    change: () => changedCheckout(path.join(import.meta.dirname, '../..'), first?.name ?? ''),
    imbalances: (account) => imbalances(account, account.stored),
    statusAt: async (url) => (await fetch(url, { redirect: 'manual' })).status,
  };
}

/** Ctrl-C ends a wait, so that what is still deployed is said; a second one ends everything. */
function interruptible(): (ms: number) => Promise<unknown> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  return (ms) =>
    sleep(ms, undefined, { signal: stop.signal }).catch(() => {
      throw new Interrupted('Interrupted.');
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError(`expected a number above 0, got ${text}`);
}

await command.parseAsync();
