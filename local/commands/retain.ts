import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { RetainAnswer } from '../../functions/retain/retain.ts';
import { whenFree } from '../when-free.ts';
import { requireSteps } from './connect.ts';
import { endWith } from './end.ts';
import { addPlace, type Place } from './place.ts';
import { dayLines, due } from './retain-text.ts';
import { runVerb } from './verb.ts';

interface RetainOptions extends Place {
  readonly yes: boolean;
  readonly json: boolean;
}

const command = new Command('npm run retain --')
  .description(
    'The days of landing, each dropped as a whole once its rows are older than their pipelines keep them and all of them\n' +
      'are in the tables, dead, expired or accepted as lost. The schedule does it every hour; this says what it would do,\n' +
      'and changes nothing without --yes. Exits 1 when a day is due and rows of it are not where they should be.',
  )
  .option('--yes', 'do it now', false)
  .option('--json', 'one JSON object', false)
  .action((options: RetainOptions) => endWith(() => retain(options)));

async function retain({ yes, json, ...place }: RetainOptions): Promise<number> {
  const steps = requireSteps(place);
  const answer = await whenFree<RetainAnswer>(steps, 'retain', { dryRun: !yes, who: userInfo().username });
  console.log(json ? JSON.stringify(answer) : dayLines(answer).join('\n'));
  const found = due(answer);
  if (!json && found.days > 0) {
    console.log(`Nothing was changed. To drop what is due, ${found.rows} rows: the same with --yes.`);
  }
  return answer.days.some(({ verdict }) => verdict === 'owed') ? 1 : 0;
}

await runVerb(addPlace(command));
