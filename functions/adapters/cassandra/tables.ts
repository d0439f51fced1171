import cassandra from 'cassandra-driver';
import { z } from 'zod';
import { keyspaceCql } from '../../../streaming/cql.ts';
import { PipelineError } from '../../../streaming/errors.ts';
import { keyspace } from '../../../streaming/names.ts';

export const tableSecret = z.object({
  host: z.string(),
  port: z.coerce.number().default(9042),
  datacenter: z.string().default('datacenter1'),
  user: z.string(),
  password: z.string(),
});

export type TableSecret = z.infer<typeof tableSecret>;

/** Tables as `prepare` needs them: their columns, and statements that change the schema. */
export interface Tables {
  /** Afterwards the keyspace is there. */
  readyKeyspace(): Promise<void>;
  /** CQL types by column; empty when the table does not exist. */
  columns(table: string): Promise<ReadonlyMap<string, string>>;
  /** Returns once every node agrees. */
  execute(cql: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects to Cassandra. */
export function openTables({ host, port, datacenter, user, password }: TableSecret): Tables {
  const client = new cassandra.Client({
    contactPoints: [`${host}:${port}`],
    localDataCenter: datacenter,
    credentials: { username: user, password },
    protocolOptions: { maxSchemaAgreementWaitSeconds: 60 },
    socketOptions: { connectTimeout: 10_000, readTimeout: 60_000 },
  });
  const execute = async (cql: string) => {
    const { info } = await run(client, cql);
    // The driver sets it, its types do not know it.
    if ((info as { isSchemaInAgreement?: boolean }).isSchemaInAgreement === false)
      throw unavailable(new Error('nodes that do not agree on the schema'));
  };
  return {
    readyKeyspace: () => execute(keyspaceCql()),
    columns: (table) => columns(client, table),
    execute,
    close: () => client.shutdown(),
  };
}

/** What runs a statement. */
export type Statements = Pick<cassandra.Client, 'execute'>;

/** CQL types by column, as the server has them. */
export async function columns(client: Statements, table: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await run(
    client,
    'SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  );
  return new Map(rows.map((row) => [String(row.get('column_name')), String(row.get('type'))]));
}

/** Runs one statement; values are prepared for. */
export async function run(
  client: Statements,
  cql: string,
  values: readonly unknown[] = [],
  options: cassandra.QueryOptions = { prepare: values.length > 0 },
) {
  try {
    return await client.execute(cql, [...values], options);
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): PipelineError {
  const got = cause instanceof Error ? cause.message : String(cause);
  return new PipelineError(`tables: expected an answer, got ${got}; it is tried again`, {
    code: 'table_unavailable',
    at: 'table',
    retriable: true,
    cause,
  });
}
