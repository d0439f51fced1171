import { incompatibility } from '../../../streaming/avro.ts';
import { PipelineError } from '../../../streaming/errors.ts';
import type { SchemaVersion } from '../../ports.ts';

/** Throws unless the schema and every version on file can read each other (FULL_TRANSITIVE, Glue's FULL_ALL). */
export function refuseIncompatible(subject: string, versions: readonly SchemaVersion[], schema: object): void {
  for (const version of versions) {
    const problem = incompatibility(version.schema, schema);
    if (problem !== undefined) throw incompatible(subject, `version ${version.id} contradicts it (${problem})`);
  }
}

export function incompatible(subject: string, got: string): PipelineError {
  return new PipelineError(
    `schema of ${subject}: expected one that every version on file can read and be read by, got one where ${got}; ` +
      'only fields that may be null can be added or removed, anything else is a new field',
    { code: 'schema_incompatible', at: 'topic', retriable: false },
  );
}
