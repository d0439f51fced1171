/**
 * The vocabulary of a definition: what a record's field or a table's column is made of.
 * In a record the argument is a path into the source's answer; in a table it is a Spark SQL expression over the record.
 */
export type FieldType = 'uuid' | 'text' | 'int' | 'long' | 'double' | 'boolean' | 'timestamp';

/** direct: names a person; quasi: narrows a person down together with others; none: says nothing about a person. */
export type PiiClass = 'direct' | 'quasi' | 'none';

interface FieldSpec {
  readonly type: FieldType;
  /** Dot path into the source's record, or Spark SQL in a table's column. */
  readonly from: string;
  readonly isKey: boolean;
  readonly isNullable: boolean;
  readonly piiClass: PiiClass | undefined;
  /** Longest text kept, in UTF-8 bytes. */
  readonly maxBytes: number;
}

/** `T` is the value's type in TypeScript: timestamps are milliseconds since 1970, everything else is itself. */
export interface Field<T = unknown> extends FieldSpec {
  /** Part of the record's identity, and the key of its message. */
  key(): Field<T>;
  /** The source may leave it out or say null. */
  nullable(): Field<T | null>;
  pii(piiClass: PiiClass): Field<T>;
  /** Longest text kept, in UTF-8 bytes; a longer one makes the record a dead letter. */
  max(bytes: number): Field<T>;
  /** Never set: carries the value's type for inference. */
  readonly valueType?: T;
}

export const defaultTextBytes = 4096;

function field<T>(spec: FieldSpec): Field<T> {
  return Object.freeze({
    ...spec,
    key: () => field<T>({ ...spec, isKey: true }),
    nullable: () => field<T | null>({ ...spec, isNullable: true }),
    pii: (piiClass: PiiClass) => field<T>({ ...spec, piiClass }),
    max: (maxBytes: number) => field<T>({ ...spec, maxBytes }),
  });
}

function ofType<T>(type: FieldType, from: string): Field<T> {
  return field<T>({ type, from, isKey: false, isNullable: false, piiClass: undefined, maxBytes: defaultTextBytes });
}

export const uuid = (from: string) => ofType<string>('uuid', from);
/** Text; a number of the source becomes its decimal text (postcodes are numbers in some countries). */
export const text = (from: string) => ofType<string>('text', from);
/** Whole number of 32 bits. */
export const int = (from: string) => ofType<number>('int', from);
/** Whole number from -2^52 to 2^53 - 2, as far as it is carried exactly. */
export const long = (from: string) => ofType<number>('long', from);
export const double = (from: string) => ofType<number>('double', from);
export const boolean = (from: string) => ofType<boolean>('boolean', from);
/** An instant: ISO 8601 text in the source, milliseconds since 1970 in a record. */
export const timestamp = (from: string) => ofType<number>('timestamp', from);

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
