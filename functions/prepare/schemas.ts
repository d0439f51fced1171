import { avroSchemaOf, incompatibility } from '../../streaming/avro.ts';
import type { Definition } from '../../streaming/definition.ts';
import { PipelineError } from '../../streaming/errors.ts';
import { subjectOf } from '../../streaming/names.ts';
import type { Artifacts, Registry } from '../ports.ts';

export interface Ready {
  /** Id under which the records of this definition travel. */
  readonly schema: number;
  readonly schemaVersions: number;
}

/**
 * Registers the pipeline's schema and lays every version beside the manifest, so that the job never asks the registry.
 * Compatibility is checked here as well as by the registry: not every registry checks all versions in both directions.
 */
export async function readySchemas(pipeline: Definition, registry: Registry, artifacts: Artifacts): Promise<Ready> {
  const subject = subjectOf(pipeline);
  const schema = avroSchemaOf(pipeline);
  for (const version of await registry.versions(subject)) {
    const problem = incompatibility(version.schema, schema);
    if (problem !== undefined) throw incompatible(subject, version.id, problem);
  }
  const id = await registry.register(subject, schema);
  const versions = await registry.versions(subject);
  for (const version of versions) {
    await artifacts.write(`schemas/${version.id}.avsc`, JSON.stringify(version.schema));
  }
  return { schema: id, schemaVersions: versions.length };
}

function incompatible(subject: string, id: number, problem: string): PipelineError {
  return new PipelineError(
    `schema of ${subject}: expected one that every version on file can read and be read by, got one that version ${id} ` +
      `contradicts (${problem}); only fields that may be null can be added or removed, anything else is a new field`,
    { code: 'schema_incompatible', at: 'topic', retriable: false },
  );
}
