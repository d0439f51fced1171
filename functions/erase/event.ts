import { z } from 'zod';
import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { keyFieldOf, keyFromText } from '../../streaming/keys.ts';
import { beginning, type Cursor } from './erase.ts';

const count = z.int().nonnegative();

/** Says nothing of the keys: with it they are asked for again. */
const cursor = z.strictObject({
  phase: z.enum(['look', 'erase']),
  walk: z.strictObject({
    place: count,
    at: z.string().nullable(),
    found: z.record(z.string(), count),
    known: z.array(count),
  }),
  operation: z.int().nullable(),
});

/** What erase is asked: about keys, or to apply to tables what was erased before. */
export const eraseEvent = z
  .strictObject({
    pipeline: z.string(),
    /** Values of the record's key field. */
    keys: z.array(z.string()).min(1).max(1000).optional(),
    /** Removes from tables every row whose key is suppressed. */
    reapply: z.boolean().default(false),
    /** Only this table. */
    table: z.string().optional(),
    /** Only looks where something of the keys is. */
    dryRun: z.boolean().default(true),
    who: z.string().min(1).max(200).optional(),
    /** Of the answer before. */
    cursor: cursor.optional(),
    /** Answers after so long with a cursor, for who wants to see progress. */
    seconds: z.int().positive().max(280).default(280),
  })
  .refine(({ keys, reapply }) => (keys !== undefined) !== reapply, {
    error: 'expected keys, or reapply: an erase of everything is refused',
  })
  .refine(({ table, reapply }) => table === undefined || reapply, { error: 'expected table with reapply only' })
  .refine(({ dryRun, who, reapply }) => dryRun || reapply || who !== undefined, {
    error: 'expected who asks, because something changes',
  });

export type EraseEvent = z.infer<typeof eraseEvent>;

/** Where to begin. */
export const cursorOf = ({ cursor: given }: EraseEvent): Cursor => given ?? beginning;

/** The keys as they are stored; refuses a value that cannot be one, by its number. */
export function keysOf(pipeline: Definition, typed: readonly string[]): readonly string[] {
  const keys = typed.map((text, index) => {
    const key = keyFromText(pipeline, text);
    if (key === undefined) throw noKey(pipeline, index + 1);
    return key;
  });
  return [...new Set(keys)];
}

function noKey(pipeline: Definition, number: number): PipelineError {
  const field = keyFieldOf(pipeline);
  return new PipelineError(
    `erase of ${pipeline.name}: expected values of ${field}, a ${pipeline.record[field]?.type}, got another thing as ` +
      `number ${number}; nothing was changed`,
    { code: 'bad_request', at: 'landing', retriable: false },
  );
}

/** Names of the tables that are meant. */
export function tablesOf({ name, tables }: Definition, table: string | undefined): readonly string[] {
  const names = Object.keys(tables);
  if (table === undefined) return names;
  if (names.includes(table)) return [table];
  throw new PipelineError(`erase of ${name}: expected one of its tables, ${names.join(', ')}, got ${table}`, {
    code: 'bad_request',
    at: 'table',
    retriable: false,
  });
}
