import avro from 'avsc';
import type { Definition } from './definition.ts';
import type { Field, FieldType } from './fields.ts';
import { avroNameOf } from './names.ts';

export interface AvroSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly default?: null }[];
}

const avroTypes: Readonly<Record<FieldType, unknown>> = {
  uuid: { type: 'string', logicalType: 'uuid' },
  text: 'string',
  int: 'int',
  long: 'long',
  double: 'double',
  boolean: 'boolean',
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
};

function avroField(name: string, field: Field) {
  const type = avroTypes[field.type];
  return field.isNullable ? { name, type: ['null', type], default: null } : { name, type };
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
  return avro.Type.forSchema(schema as avro.Schema);
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
