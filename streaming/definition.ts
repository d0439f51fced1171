import { checkDefinition } from './definition-check.ts';
import type { Bucket, Descending, Field, FieldVersion } from './fields.ts';
import type { Schedule } from './schedule.ts';

/** What a source is asked: a function of the run alone, so that the same run asks for the same records. */
export interface PageAsk {
  /** Differs for every instant and is the same whenever that instant is asked again. */
  readonly seed: string;
  /** First page is 1. */
  readonly page: number;
  /** Records asked for in this page. */
  readonly size: number;
  /** The step of the schedule that ends with the instant, [from, until): ISO 8601 in UTC, to the millisecond. */
  readonly from: string;
  readonly until: string;
}

/**
 * How a run knows that it has everything. `pages`: it asks for as many records as the schedule says, page by page.
 * `window`: for what changed in its step of the schedule; a page with fewer records than asked for is the last.
 * `whole`: one answer holds all there is.
 */
export type Paging = 'pages' | 'window' | 'whole';

export interface HttpSource {
  readonly kind: 'http';
  readonly url: string;
  readonly query: (ask: PageAsk) => Record<string, string | number>;
  /** Dot path to the list of records in an answer; `.` when the answer is the list. */
  readonly records: string;
  /** `pages` unless said. */
  readonly paging?: Paging;
  /** Most records the source gives in one answer. */
  readonly maxPage: number;
  /** What the source allows one caller; a run that would exceed it is put off. */
  readonly quota?: { readonly records: number; readonly per: string };
  /** `allowed`: an answer without records is a fact; otherwise it is a failed run. */
  readonly empty?: 'allowed';
  /** `false`: asked later for an old instant it gives something else, or nothing; a backfill of it is refused. */
  readonly replayable?: false;
}

/** Whether a run asks for so many records; otherwise the source decides how many there are. */
export const isCounted = ({ source }: Pick<Definition, 'source'>) => (source.paging ?? 'pages') === 'pages';

export function http(source: Omit<HttpSource, 'kind'>): HttpSource {
  return { kind: 'http', ...source };
}

/** How rows are put into Cassandra: explicit per table, because the connector's defaults are slow for unique keys. */
export interface TableWrite {
  readonly grouping: 'none' | 'partition';
  /** Rows of one batch; Keyspaces refuses more than 30. */
  readonly rows: number;
  readonly concurrent: number;
}

export interface TableDefinition {
  /** Columns of the partition key: fields or buckets. */
  readonly partition: readonly string[];
  /** Clustering columns, in order. */
  readonly cluster?: readonly (string | Descending)[];
  /** Which of the record's fields the table holds; all of them unless said. */
  readonly only?: readonly string[];
  /** Computed columns: a type and Spark SQL over the record's fields, or a bucket. */
  readonly columns?: Readonly<Record<string, Field | Bucket>>;
  /** Required when the key holds fields that could change from one version of a record to the next. */
  readonly records?: 'immutable';
  readonly write?: TableWrite;
}

export interface Definition {
  readonly name: string;
  readonly schedule: Schedule;
  readonly source: HttpSource;
  /** The allow-list: what is not named here never lands. */
  readonly record: Readonly<Record<string, Field>>;
  /** A field of the record that says when it changed; the run's instant unless said. */
  readonly version?: FieldVersion;
  /** Named Spark SQL booleans over the record; false or NULL makes the record a dead letter. */
  readonly quality?: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, TableDefinition>>;
  /** How long each store keeps a record, in whole days: `7d`. */
  readonly keep: { readonly landing: string; readonly topic: string; readonly tables: string };
}

/** A record as it lands, travels and is decoded: the TypeScript type that a definition implies. */
export type RecordOf<D extends { readonly record: Definition['record'] }> = {
  readonly [K in keyof D['record']]: D['record'][K] extends Field<infer T> ? T : never;
};

export type Scalar = string | number | boolean;
export type RecordValue = Scalar | readonly Scalar[] | null;

/** The loosely typed record that generic code handles: field name -> value. */
export type PipelineRecord = Readonly<Record<string, RecordValue>>;

/** Checks a definition at load, so that a mistake is said where it was made; see `checkDefinition` for what is refused. */
export function definePipeline<const D extends Definition>(definition: D): D {
  checkDefinition(definition);
  return Object.freeze(definition);
}
