import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DatabaseSecret } from '../../functions/adapters/postgres/connection.ts';
import type { Row } from './rows.ts';

/** Object ids of the types that JSON has a form of its own for; all others stay the server's text. */
const { BOOL, INT2, INT4, INT8, OID, FLOAT4, FLOAT8, JSON: JSON_TEXT, JSONB } = pg.types.builtins;
const numbers: readonly number[] = [INT2, INT4, INT8, OID, FLOAT4, FLOAT8];

/** A value from the server's text: exact, or else that text. */
export function fromText(type: number, text: string): unknown {
  if (type === BOOL) return text === 't';
  if (type === JSON_TEXT || type === JSONB) return JSON.parse(text);
  return numbers.includes(type) ? numberOr(text) : text;
}

function numberOr(text: string): number | string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

const batchRows = 500;

/**
 * Rows of one statement that may only look, a batch at a time. A transaction block, because a procedure in it cannot
 * end it and go on outside; a cursor, because its protocol takes one statement and not a second behind a semicolon.
 */
export async function* readOnly(
  { ca, ...address }: DatabaseSecret,
  statement: string,
  timeoutSeconds: number,
): AsyncGenerator<Row> {
  const client = new pg.Client({
    ...address,
    ssl: ca === undefined ? false : { ca },
    options: `-c timezone=UTC -c statement_timeout=${timeoutSeconds * 1000}`,
    connectionTimeoutMillis: 10_000,
  });
  // The statement under way fails with it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin transaction read only');
    const cursor = client.query(new Cursor<unknown[]>(statement, [], { rowMode: 'array', types: asText }));
    for (let batch = await nextOf(cursor); batch.length > 0; batch = await nextOf(cursor)) yield* batch;
  } catch (error) {
    if ((error as pg.DatabaseError).code !== queryCanceled) throw error;
    throw new Error(`no answer within ${timeoutSeconds} s; ask for less, or wait longer: --timeout <seconds>`, {
      cause: error,
    });
  } finally {
    await client.end();
  }
}

const queryCanceled = '57014';
const asText = { getTypeParser: (type: number) => (text: string) => fromText(type, text) };

/** Empty at the end, and then without fields. */
async function nextOf(cursor: Cursor<unknown[]>): Promise<readonly Row[]> {
  const { names, rows } = await new Promise<{ names: string[]; rows: unknown[][] }>((resolve, reject) => {
    cursor.read(batchRows, (error: Error | undefined, rows, result) => {
      if (error) reject(error);
      else resolve({ names: rows.length === 0 ? [] : result.fields.map(({ name }) => name), rows });
    });
  });
  return named(names, rows);
}

/** Rows by column name; two columns of one name would hide one another. */
export function named(names: readonly string[], rows: readonly (readonly unknown[])[]): readonly Row[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(`expected a name of its own for every column, got ${twice} twice; give one another: AS name`);
  }
  return rows.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]])));
}
