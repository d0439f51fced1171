import { errors } from 'cassandra-driver';
import { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { connectReader, type TableEndpoint } from '../table-reader.ts';
import { requireConnected } from './connect.ts';
import { endWith } from './end.ts';
import { endOnClosedOutput } from './interrupt.ts';
import { defaultLimit, printRows, type Row, type RowsShown, rowLimit, shown } from './rows.ts';
import { runVerb } from './verb.ts';

interface CqlOptions extends RowsShown {
  readonly timeout: number;
  readonly data: string;
}

const command = new Command('npm run cql --')
  .description(
    'Asks Cassandra one statement, as the reader: the server refuses whatever would change something.\n' +
      'Such as: npm run cql -- "select * from users limit 5"',
  )
  .argument('[statement]', 'one CQL statement, in quotes')
  .option('--limit <n>', 'rows at most, or all', rowLimit, defaultLimit)
  .option('--timeout <seconds>', 'of each page of rows', wholeNumber, 30)
  .option('--json', 'one JSON object a line', false)
  .option('--data <dir>', 'data folder', '.millrace')
  .action((statement: string | undefined, options: CqlOptions) => {
    if (statement === undefined) return command.help();
    return endWith(() => cql(statement, options));
  });

async function cql(statement: string, { timeout, data, ...asked }: CqlOptions): Promise<number> {
  const { tables } = requireConnected(data);
  endOnClosedOutput();
  await printRows(rowsOf(tables, statement, timeout), asked);
  return 0;
}

/** Rows page by page, each asked for when the one before has been taken. */
async function* rowsOf(tables: TableEndpoint, statement: string, timeout: number): AsyncGenerator<Row> {
  const client = await connectReader(tables);
  try {
    // Not prepared: DESCRIBE cannot be.
    const paged = { prepare: false, fetchSize: 500, readTimeout: timeout * 1000 };
    for await (const row of await client.execute(statement, [], paged)) {
      yield Object.fromEntries(row.keys().map((column: string) => [column, shown(row.get(column))]));
    }
  } catch (error) {
    if (!(error instanceof errors.OperationTimedOutError)) throw error;
    throw new Error(`no answer within ${timeout} s; ask by the table's key, or wait longer: --timeout <seconds>`, {
      cause: error,
    });
  } finally {
    await client.shutdown();
  }
}

await runVerb(command);
