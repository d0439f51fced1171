import { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { requireRunning } from './connect.ts';
import { endWith } from './end.ts';
import { endOnClosedOutput } from './interrupt.ts';
import { defaultLimit, printRows, type RowsShown, rowLimit } from './rows.ts';
import { readOnly } from './sql-read.ts';
import { runVerb } from './verb.ts';

interface SqlOptions extends RowsShown {
  readonly timeout: number;
  readonly data: string;
}

const command = new Command('npm run sql --')
  .description(
    'Asks PostgreSQL one statement, in a read-only transaction: the server refuses whatever would change something.\n' +
      'Such as: npm run sql -- "select run, requested, closed_at from runs order by run desc limit 5"',
  )
  .argument('[statement]', 'one SQL statement, in quotes')
  .option('--limit <n>', 'rows at most, or all', rowLimit, defaultLimit)
  .option('--timeout <seconds>', 'of the statement', wholeNumber, 30)
  .option('--json', 'one JSON object a line', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((statement: string | undefined, options: SqlOptions) => {
    if (statement === undefined) return command.help();
    return endWith(() => sql(statement, options));
  });

async function sql(statement: string, { timeout, data, ...shown }: SqlOptions): Promise<number> {
  const { landing } = requireRunning(data).readers;
  endOnClosedOutput();
  await printRows(readOnly(landing, statement, timeout), shown);
  return 0;
}

await runVerb(command);
