import { Command } from 'commander';
import { requireRunning } from './connect.ts';
import { endWith } from './end.ts';
import { printRows } from './rows.ts';
import { readOnly } from './sql-read.ts';

const command = new Command('npm run sql --')
  .description(
    'Asks PostgreSQL one statement, in a read-only transaction: the server refuses whatever would change something.\n' +
      'Such as: npm run sql -- "select run, size, closed_at from runs order by run desc limit 5"',
  )
  .argument('[statement]', 'one SQL statement, in quotes')
  .option('--json', 'one JSON object a line', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((statement: string | undefined, options: { json: boolean; data: string }) => {
    if (statement === undefined) return command.help();
    return endWith(() => sql(statement, options));
  });

async function sql(statement: string, { json, data }: { json: boolean; data: string }): Promise<number> {
  const { ports, credentials } = requireRunning(data);
  const login = credentials.postgres.millrace;
  printRows(
    await readOnly({ host: '127.0.0.1', port: ports.postgres, database: 'millrace', ...login }, statement),
    json,
  );
  return 0;
}

await command.parseAsync();
