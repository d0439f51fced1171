import { Command } from 'commander';
import { connectReader } from '../table-reader.ts';
import { requireConnected } from './connect.ts';
import { endWith } from './end.ts';
import { printRows, type Row, shown } from './rows.ts';

const command = new Command('npm run cql --')
  .description(
    'Asks Cassandra one statement, as the reader: the server refuses whatever would change something.\n' +
      'Such as: npm run cql -- "select * from users limit 5"',
  )
  .argument('[statement]', 'one CQL statement, in quotes')
  .option('--json', 'one JSON object a line', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((statement: string | undefined, options: { json: boolean; data: string }) => {
    if (statement === undefined) return command.help();
    return endWith(() => cql(statement, options));
  });

async function cql(statement: string, { json, data }: { json: boolean; data: string }): Promise<number> {
  const client = await connectReader(requireConnected(data).tables);
  try {
    const rows: Row[] = [];
    // Not prepared: DESCRIBE cannot be.
    for await (const row of await client.execute(statement, [], { prepare: false })) {
      rows.push(Object.fromEntries(row.keys().map((column: string) => [column, shown(row.get(column))])));
    }
    printRows(rows, json);
    return 0;
  } finally {
    await client.shutdown();
  }
}

await command.parseAsync();
