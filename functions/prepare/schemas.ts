import { avroSchemaOf } from '../../streaming/avro.ts';
import type { Definition } from '../../streaming/definition.ts';
import type { SchemaId } from '../../streaming/framing.ts';
import { subjectOf } from '../../streaming/names.ts';
import { refuseIncompatible } from '../adapters/registry/compatibility.ts';
import type { Artifacts, Registry } from '../ports.ts';

export interface Ready {
  /** Id under which the records of this definition travel. */
  readonly schema: SchemaId;
  readonly schemaVersions: number;
}

/**
 * Registers the pipeline's schema and lays every version beside the manifest, so that the job never asks the registry.
 * Compatibility is checked here as well as by the registry: not every registry checks all versions in both directions.
 */
export async function readySchemas(pipeline: Definition, registry: Registry, artifacts: Artifacts): Promise<Ready> {
  const subject = subjectOf(pipeline);
  const schema = avroSchemaOf(pipeline);
  refuseIncompatible(subject, await registry.versions(subject), schema);
  const id = await registry.register(subject, schema);
  const versions = await registry.versions(subject);
  for (const version of versions) {
    await artifacts.write(`schemas/${version.id}.avsc`, JSON.stringify(version.schema));
  }
  return { schema: id, schemaVersions: versions.length };
}
