import avro from 'avsc';
import { decimalBytes, decimalOfBytes } from './decimal.ts';
import type { Definition } from './definition.ts';
import type { Field, FieldType } from './fields.ts';
import { avroNameOf } from './names.ts';

export interface AvroSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly default?: unknown }[];
}

const avroTypes: Readonly<Record<FieldType, (field: Field) => unknown>> = {
  uuid: () => ({ type: 'string', logicalType: 'uuid' }),
  text: () => 'string',
  int: () => 'int',
  long: () => 'long',
  double: () => 'double',
  boolean: () => 'boolean',
  timestamp: () => ({ type: 'long', logicalType: 'timestamp-millis' }),
  decimal: ({ precision, scale }) => ({ type: 'bytes', logicalType: 'decimal', precision, scale }),
  list: ({ element }) => ({ type: 'array', items: element && valueTypeOf(element) }),
};

const valueTypeOf = (field: Field) => avroTypes[field.type](field);

function avroField(name: string, field: Field) {
  const type = valueTypeOf(field);
  if (field.isNullable) return { name, type: ['null', type], default: null };
  return field.defaultValue === undefined
    ? { name, type }
    : { name, type, default: avroDefault(field, field.defaultValue) };
}

/** Avro writes bytes in a schema as a text of the characters U+0000 to U+00FF. */
function avroDefault({ type, precision = 0, scale = 0, element }: Field, value: unknown): unknown {
  if (type === 'decimal') return decimalBytes(value, precision, scale).toString('latin1');
  return element && Array.isArray(value) ? value.map((one) => avroDefault(element, one)) : value;
}

/** The schema under which records travel: the definition's fields, in its order. */
export function avroSchemaOf(pipeline: Definition): AvroSchema {
  return {
    type: 'record',
    name: avroNameOf(pipeline),
    namespace: 'millrace',
    fields: Object.entries(pipeline.record).map(([name, field]) => avroField(name, field)),
  };
}

/** The codec of the records: extract validates with it, the relay encodes with it. */
export function avroTypeOf(pipeline: Definition): avro.Type {
  return codecOf(avroSchemaOf(pipeline));
}

/** A schema as it came from the registry, compiled. */
export function codecOf(schema: object): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema, { logicalTypes: { decimal: DecimalType } });
}

/** Avro's decimal as the text that records hold. */
class DecimalType extends avro.types.LogicalType {
  readonly precision: number;
  readonly scale: number;

  constructor(schema: avro.Schema, options?: object) {
    super(schema, options);
    const { precision, scale = 0 } = schema as unknown as { precision: number; scale?: number };
    this.precision = precision;
    this.scale = scale;
  }

  override _fromValue(bytes: Buffer): string {
    return decimalOfBytes(bytes, this.scale);
  }

  override _toValue(text: unknown): Buffer {
    return decimalBytes(text, this.precision, this.scale);
  }

  /** Bytes of another scale would be read as another number, so that only the same decimal may follow. */
  override _resolve(writer: avro.Type) {
    const isSame = writer instanceof DecimalType && writer.precision === this.precision && writer.scale === this.scale;
    if (isSame) return (text: string) => text;
    throw new TypeError(`cannot read ${writer instanceof DecimalType ? writer.said() : writer} as ${this.said()}`);
  }

  private said(): string {
    return `decimal(${this.precision}, ${this.scale})`;
  }
}

/**
 * Why `next` may not follow `previous`, or undefined when it may. Full compatibility: each can read what the other wrote,
 * because a deploy changes the relay minutes before it changes the stream, and a replay reads every old version.
 */
export function incompatibility(previous: object, next: object): string | undefined {
  return readProblem(next, previous) ?? readProblem(previous, next);
}

function readProblem(reader: object, writer: object): string | undefined {
  try {
    codecOf(reader).createResolver(codecOf(writer));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
