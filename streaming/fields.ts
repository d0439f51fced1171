/**
 * The vocabulary of a definition: what a record's field or a table's column is made of.
 * In a record the argument is a path into the source's answer; in a table it is a Spark SQL expression over the record.
 */
export type FieldType = 'uuid' | 'text' | 'int' | 'long' | 'double' | 'boolean' | 'timestamp' | 'decimal' | 'list';

/** direct: names a person; quasi: narrows a person down together with others; none: says nothing about a person. */
export type PiiClass = 'direct' | 'quasi' | 'none';

/** What a number of the source counts, where the field is a timestamp. */
export type TimeUnit = 's' | 'ms';

/** What only some types have. */
interface Detail {
  /** Texts that a text may be; all of them unless said. */
  readonly values?: readonly string[];
  /** Digits of a decimal, and how many of them follow the point. */
  readonly precision?: number;
  readonly scale?: number;
  readonly unit?: TimeUnit;
  /** What a list is made of. */
  readonly element?: Field;
  /** Separator of a list that the source writes as a text. */
  readonly split?: string | undefined;
}

interface FieldSpec extends Detail {
  readonly type: FieldType;
  /** Dot path into the source's record, or Spark SQL in a table's column. */
  readonly from: string;
  readonly isKey: boolean;
  readonly isNullable: boolean;
  readonly piiClass: PiiClass | undefined;
  /** Longest text kept, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** What the field is when the source leaves it out, as a record holds it. */
  readonly defaultValue?: unknown;
}

/** `T` is the value's type in TypeScript: timestamps are milliseconds since 1970, decimals are text. */
export interface Field<T = unknown> extends FieldSpec {
  /** Part of the record's identity, and the key of its message; a text of at most 512 bytes unless `.max()` follows. */
  key(): Field<T>;
  /** The source may leave it out or say null, and null is kept. */
  nullable(): Field<T | null>;
  /**
   * The source may leave it out or say null, and the field is this value then, given as a record holds it. A field with
   * a default may be added to a definition whose records are under way.
   */
  default(value: T): Field<T>;
  pii(piiClass: PiiClass): Field<T>;
  /** Longest text kept, in UTF-8 bytes; a longer one makes the record a dead letter. */
  max(bytes: number): Field<T>;
  /** Never set: carries the value's type for inference. */
  readonly valueType?: T;
}

export const defaultTextBytes = 4096;
/** Keys of Cassandra's managed kind are short. */
const defaultKeyBytes = 512;
/** Most elements of a list; a longer one makes the record a dead letter. */
export const mostElements = 1000;
/** Longest record of a source that is looked at, as JSON in UTF-8; a longer one is a dead letter. */
export const longestRecordBytes = 64 * 1024;

function field<T>(spec: FieldSpec): Field<T> {
  return Object.freeze({
    ...spec,
    key: () => field<T>({ ...spec, isKey: true, maxBytes: Math.min(spec.maxBytes, defaultKeyBytes) }),
    nullable: () => field<T | null>({ ...spec, isNullable: true }),
    default: (defaultValue: T) => field<T>({ ...spec, defaultValue }),
    pii: (piiClass: PiiClass) => field<T>({ ...spec, piiClass }),
    max: (maxBytes: number) => field<T>({ ...spec, maxBytes }),
  });
}

const plain = { isKey: false, isNullable: false, piiClass: undefined, maxBytes: defaultTextBytes };

function ofType<T>(type: FieldType, from: string, detail: Detail = {}): Field<T> {
  return field<T>({ ...plain, ...detail, type, from });
}

export const uuid = (from: string) => ofType<string>('uuid', from);
/** Text; a number of the source becomes its decimal text (postcodes are numbers in some countries). */
export const text = (from: string) => ofType<string>('text', from);
/** One of these texts, and nothing else. It travels as text, so that texts may be added later. */
export const oneOf = <const V extends readonly string[]>(from: string, values: V) =>
  ofType<V[number]>('text', from, { values });
/** Whole number of 32 bits. */
export const int = (from: string) => ofType<number>('int', from);
/** Whole number from -2^52 to 2^53 - 2, as far as it is carried exactly. */
export const long = (from: string) => ofType<number>('long', from);
export const double = (from: string) => ofType<number>('double', from);
/**
 * Exact number: a record holds it as text with `scale` digits after the point, such as `5.70`. The source may say a
 * number or a text; what would have to be rounded is refused.
 */
export const decimal = (from: string, precision: number, scale: number) =>
  ofType<string>('decimal', from, { precision, scale });
export const boolean = (from: string) => ofType<boolean>('boolean', from);
/** An instant: ISO 8601 text or a number of `unit` since 1970 in the source, milliseconds since 1970 in a record. */
export const timestamp = (from: string, { unit = 'ms' }: { readonly unit?: TimeUnit } = {}) =>
  ofType<number>('timestamp', from, { unit });
/**
 * A list of scalars: `list(text('tags'))`. With `split` the source writes it as a text: `,us,nc,` becomes `us` and `nc`.
 * What is said about the whole list, such as its PII class, is said of the list and not of its element.
 */
export const list = <T>(of: Field<T>, { split }: { readonly split?: string } = {}) =>
  ofType<readonly T[]>('list', of.from, { element: of, split });

/** The version of a record that says itself when it changed: a timestamp field. */
export interface FieldVersion {
  readonly field: string;
}
export const versionField = (name: string): FieldVersion => ({ field: name });

/** Descending clustering column. */
export interface Descending {
  readonly column: string;
  readonly descending: true;
}
export const desc = (column: string): Descending => ({ column, descending: true });

export type BucketUnit = 'month' | 'day';

/**
 * A column that bounds a partition by time: a pure function of one timestamp field. Unlike other computed columns it may
 * be part of a table's key, because it can be computed outside Spark too: to look a row up, to verify it, to erase it.
 */
export interface Bucket {
  readonly bucket: BucketUnit;
  readonly of: string;
}
/** `yyyy-MM` of a timestamp field, in UTC. */
export const monthOf = (of: string): Bucket => ({ bucket: 'month', of });
/** `yyyy-MM-dd` of a timestamp field, in UTC. */
export const dayOf = (of: string): Bucket => ({ bucket: 'day', of });
