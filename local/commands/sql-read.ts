import pg from 'pg';
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

/**
 * Rows of one statement that may only look. A transaction block, because a procedure in it cannot end it and go on
 * outside; the extended protocol, because it takes one statement and not a second behind a semicolon.
 */
export async function readOnly({ ca, ...address }: DatabaseSecret, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({
    ...address,
    ssl: ca === undefined ? false : { ca },
    options: '-c timezone=UTC',
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    await client.query('begin transaction read only');
    const { fields, rows } = await client.query({
      text: statement,
      rowMode: 'array',
      queryMode: 'extended',
      types: { getTypeParser: (type: number) => (text: string) => fromText(type, text) },
    } as pg.QueryArrayConfig);
    await client.query('rollback');
    return named(
      fields.map(({ name }) => name),
      rows,
    );
  } finally {
    await client.end();
  }
}

/** Rows by column name; two columns of one name would hide one another. */
export function named(names: readonly string[], rows: readonly (readonly unknown[])[]): readonly Row[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(`expected a name of its own for every column, got ${twice} twice; give one another: AS name`);
  }
  return rows.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]])));
}
