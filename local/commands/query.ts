import type { Client } from 'cassandra-driver';
import { Command } from 'commander';
import type { Definition } from '../../streaming/definition.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { wholeNumber } from '../options.ts';
import { connectReader } from '../table-reader.ts';
import { requireConnected } from './connect.ts';
import { endWith } from './end.ts';
import { planQuery, type TableQuery } from './query-plan.ts';
import { printRows, type Row, shown } from './rows.ts';
import { runVerb } from './verb.ts';

interface QueryOptions {
  readonly json: boolean;
  readonly data: string;
  readonly limit: number;
}

/** One subcommand per table; its options are the columns of the partition key. */
function queryCommand(): Command {
  const command = new Command('npm run query --').description('Rows of a table, read by its partition key.');
  for (const pipeline of pipelines) {
    for (const name of Object.keys(pipeline.tables)) command.addCommand(tableCommand(pipeline, name));
  }
  return command;
}

function tableCommand(pipeline: Definition, name: string): Command {
  const { partition = [], columns = {} } = pipeline.tables[name] ?? {};
  const command = new Command(name).description(`${pipeline.name}, by ${partition.join(', ')}`);
  for (const column of partition) {
    command.option(`--${column} <value>`, columns[column] ? 'the newest first unless given' : 'needed');
  }
  return command
    .option('--limit <n>', 'rows at most', wholeNumber, 20)
    .option('--json', 'one JSON object a line', false)
    .option('--data <dir>', 'data folder', '.millrace')
    .action(({ json, data, limit, ...given }: QueryOptions & Record<string, string>) =>
      endWith(() => query(pipeline, name, given, { json, data, limit })),
    );
}

async function query(
  pipeline: Definition,
  name: string,
  given: Readonly<Record<string, string>>,
  { json, data, limit }: QueryOptions,
): Promise<number> {
  const plan = planQuery(pipeline, name, given, new Date());
  const client = await connectReader(requireConnected(data).tables);
  try {
    const rows = await read(client, plan, limit);
    await printRows(rows, { json, limit });
    return 0;
  } finally {
    await client.shutdown();
  }
}

/** Asks partition after partition until there are rows enough. */
async function read(client: Client, { cql, partitions }: TableQuery, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const key of partitions) {
    const answer = await client.execute(cql, [...key, limit - rows.length]);
    rows.push(
      ...answer.rows.map((row) => Object.fromEntries(row.keys().map((column) => [column, shown(row.get(column))]))),
    );
    if (rows.length >= limit) break;
  }
  return rows;
}

await runVerb(queryCommand());
