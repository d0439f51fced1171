import type { Definition } from '../../../streaming/definition.ts';
import type { FieldType } from '../../../streaming/fields.ts';
import { keyFieldOf } from '../../../streaming/keys.ts';
import { columnsOf, keyNamesOf, keyOf } from '../../../streaming/tables.ts';
import type { ErasableTable, TableRow } from '../../erase/stores.ts';
import { run, type Statements } from './tables.ts';

const rowsAtOnce = 5000;
const removedAtOnce = 64;

/** A table as erase sees it. The client gives bigints as such, and knows the keyspace. */
export function erasableTable(client: Statements, pipeline: Definition, name: string): ErasableTable {
  const table = pipeline.tables[name];
  if (table === undefined) throw new RangeError(`table: ${name} is none of ${pipeline.name}`);
  const keyField = keyFieldOf(pipeline);
  const keyNames = keyNamesOf(table);
  const types = new Map(columnsOf(pipeline, table).map((column) => [column.name, column.type]));
  const typeOf = (column: string) => types.get(column) ?? 'text';
  const whole = `SELECT ${keyNames.join(', ')} FROM ${name}`;
  const where = keyNames.map((column) => `${column} = ?`).join(' AND ');
  const removal = `DELETE FROM ${name} USING TIMESTAMP ? WHERE ${where}`;

  const select = async (cql: string, values: readonly unknown[], at: string | null) => {
    const result = await run(client, cql, values, {
      ...{ prepare: true, fetchSize: rowsAtOnce },
      ...(at !== null && { pageState: at }),
    });
    const rows = result.rows.map(
      (row): TableRow => ({ key: textOf(row[keyField]), at: keyNames.map((column) => row[column]) }),
    );
    return { rows, at: result.pageState ?? null };
  };

  return {
    name,
    isByKey: table.partition.length === 1 && table.partition[0] === keyField,
    rowOf(record) {
      const key = keyOf(table, record);
      return {
        key: textOf(key[keyField]),
        at: keyNames.map((column) => driverValue(typeOf(column), key[column])),
      };
    },
    async rowsOf(key) {
      const rows: TableRow[] = [];
      let at: string | null = null;
      do {
        const page = await select(`${whole} WHERE ${keyField} = ?`, [driverValue(typeOf(keyField), key)], at);
        rows.push(...page.rows);
        at = page.at;
      } while (at !== null);
      return rows;
    },
    scan: (at) => select(whole, [], at),
    async remove(rows, micros) {
      for (let from = 0; from < rows.length; from += removedAtOnce) {
        const some = rows.slice(from, from + removedAtOnce);
        await Promise.all(some.map(({ at }) => run(client, removal, [BigInt(micros), ...at])));
      }
    },
  };
}

/** A value as the text that the key of a record is. */
const textOf = (value: unknown) => String(value instanceof Date ? value.getTime() : value);

/** A value of a record, or its text, as the driver takes it for a column. */
function driverValue(type: FieldType, value: unknown): unknown {
  if (type === 'timestamp') return new Date(Number(value));
  if (type === 'long') return BigInt(String(value));
  return type === 'int' || type === 'double' ? Number(value) : value;
}
