import { avroSchemaOf } from './avro.ts';
import { fenceCqlOf } from './cql.ts';
import type { Definition, TableWrite } from './definition.ts';
import { checkedSecondsOf } from './duration.ts';
import type { FieldType } from './fields.ts';
import { landedSql } from './landed.ts';
import { auditTopicOf, keyspace, topicOf, topicPartitions } from './names.ts';
import { rulesOf } from './rules.ts';
import { columnsOf } from './tables.ts';
import { versionSlackMicros } from './version.ts';

/**
 * The definitions as JSON, for readers that do not speak TypeScript: the Spark job and Airflow. All decisions are taken
 * here, as Spark SQL text; the job only puts the pieces together.
 */
export interface Manifest {
  readonly keyspace: string;
  readonly pipelines: readonly ManifestPipeline[];
}

export interface ManifestPipeline {
  readonly name: string;
  readonly topic: string;
  readonly auditTopic: string;
  readonly partitions: number;
  /** Schema that every version of a record is decoded into. */
  readonly reader: object;
  /** The record's fields, in order. */
  readonly fields: readonly ManifestField[];
  /**
   * Spark SQL over the decoded fields, evaluated in order after the header checks: the first that is true says why the
   * record dies. `broken` never yields NULL.
   */
  readonly rules: readonly { readonly reason: string; readonly field: string | null; readonly broken: string }[];
  readonly tables: readonly ManifestTable[];
  /** CQL of a write that changes nothing, for a job that must learn when its writes are on disk. */
  readonly fence: string;
  /** Most messages of one micro-batch; it also caps the first, cold one after a restart. */
  readonly maxOffsetsPerTrigger: number;
  /** Microseconds that a version may lie ahead of its message's Kafka timestamp. */
  readonly versionSlackMicros: number;
}

export interface ManifestField {
  readonly name: string;
  readonly type: FieldType;
  readonly key: boolean;
  /** Spark SQL of the value as it landed. */
  readonly landed: string;
}

export interface ManifestTable {
  readonly name: string;
  /** Spark SQL per column, typed for Cassandra. */
  readonly columns: readonly { readonly name: string; readonly type: FieldType; readonly sql: string }[];
  readonly ttlSeconds: number;
  readonly write: TableWrite;
}

/** Safe for keys of any shape; a table whose batches can share a partition says so in its definition. */
const defaultWrite: TableWrite = { grouping: 'none', rows: 1, concurrent: 64 };

const maxOffsetsPerTrigger = 20_000;

export function manifestOf(pipelines: readonly Definition[]): Manifest {
  return { keyspace, pipelines: pipelines.map(manifestPipeline) };
}

function manifestPipeline(pipeline: Definition): ManifestPipeline {
  return {
    name: pipeline.name,
    topic: topicOf(pipeline),
    auditTopic: auditTopicOf(pipeline),
    partitions: topicPartitions,
    reader: avroSchemaOf(pipeline),
    fields: Object.entries(pipeline.record).map(([name, field]) => ({
      name,
      type: field.type,
      key: field.isKey,
      landed: landedSql(name, field),
    })),
    rules: rulesOf(pipeline),
    tables: Object.entries(pipeline.tables).map(([name, table]) => ({
      name,
      columns: columnsOf(pipeline, table),
      ttlSeconds: checkedSecondsOf(pipeline.keep.tables),
      write: table.write ?? defaultWrite,
    })),
    fence: fenceCqlOf(pipeline),
    maxOffsetsPerTrigger,
    versionSlackMicros,
  };
}
