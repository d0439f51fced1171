import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { avroTypeOf } from '../../streaming/avro.ts';
import type { Definition, PipelineRecord } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { frameEncoder, headerOf, type SchemaId } from '../../streaming/framing.ts';
import { keyFieldOf } from '../../streaming/keys.ts';
import { topicPartitions } from '../../streaming/names.ts';
import { partitionOf } from '../../streaming/partitioner.ts';
import type { LandedRow, TopicMessage } from '../ports.ts';

export type MessageEncoder = (row: LandedRow) => TopicMessage;

/** Turns landed rows into messages: the record in its frame, and headers that say where it comes from. */
export function messageEncoder(pipeline: Definition, schemaId: SchemaId): MessageEncoder {
  const encode = frameEncoder(avroTypeOf(pipeline), schemaId);
  const headerBytes = headerOf(schemaId).length;
  const keyOf = messageKeyOf(pipeline);
  const traceOf = lastOnly((run) => traceparentOf(pipeline.name, run));
  const schema = String(schemaId);

  return (row) => {
    const key = keyOf(row.payload);
    const value = encoded(pipeline, row, encode);
    return {
      partition: partitionOf(key, topicPartitions),
      key,
      value,
      headers: {
        run: row.run,
        origin: String(row.origin),
        seq: String(row.seq),
        version: String(row.version),
        schema,
        crc: String(crc32(value.subarray(headerBytes))),
        traceparent: traceOf(row.run),
      },
    };
  };
}

function encoded(pipeline: Definition, row: LandedRow, encode: (record: object) => Buffer): Buffer {
  try {
    return encode(row.payload);
  } catch (cause) {
    throw new PipelineError(
      `pipeline ${pipeline.name}, run ${row.run}, seq ${row.seq}: expected a record that fits the schema, ` +
        `got ${cause instanceof Error ? cause.message : cause}; extract accepts only what fits, so the definition changed since it landed`,
      { code: 'encode_failed', at: 'topic', retriable: false, cause },
    );
  }
}

/** The key's text. */
function messageKeyOf(pipeline: Definition): (record: PipelineRecord) => Buffer {
  const name = keyFieldOf(pipeline);
  return (record) => Buffer.from(String(record[name]));
}

/** W3C trace context. Its trace id follows from the run, so that a run is one trace wherever its records go. */
export function traceparentOf(pipeline: string, run: string): string {
  const hash = createHash('sha256').update(`${pipeline}/${run}`).digest('hex');
  return `00-${hash.slice(0, 32)}-${hash.slice(32, 48)}-01`;
}

/** Rows of a run come one after the other: remembering the last answer is enough. */
function lastOnly(answer: (run: string) => string): (run: string) => string {
  let last: string | undefined;
  let lastAnswer = '';
  return (run) => {
    if (run !== last) {
      last = run;
      lastAnswer = answer(run);
    }
    return lastAnswer;
  };
}
