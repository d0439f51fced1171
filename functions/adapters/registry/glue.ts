import { setTimeout as sleep } from 'node:timers/promises';
import {
  AlreadyExistsException,
  CreateSchemaCommand,
  EntityNotFoundException,
  GetSchemaByDefinitionCommand,
  GetSchemaVersionCommand,
  type GetSchemaVersionCommandInput,
  GlueClient,
  RegisterSchemaVersionCommand,
} from '@aws-sdk/client-glue';
import { PipelineError } from '../../../streaming/errors.ts';
import type { Registry, SchemaVersion } from '../../ports.ts';
import { incompatible, refuseIncompatible } from './compatibility.ts';

/** Glue judges a version after it took it, most often within a second. */
const judging = { looks: 40, everyMs: 500 };

/**
 * Port Registry on AWS Glue. The registry itself is the stack's; its schemas and their versions are ours. Compatibility
 * is checked here before Glue does, because Glue keeps a version that it refuses, and an emulator refuses none.
 */
export function glueRegistry(registry: string, client = new GlueClient()): Registry {
  const reach = <T>(subject: string, call: (schema: GlueSchema) => Promise<T>) =>
    reaching(registry, () => call({ client, id: { RegistryName: registry, SchemaName: subject } }));
  return {
    register: (subject, schema) => reach(subject, (target) => register(target, schema)),
    versions: (subject) => reach(subject, versions),
  };
}

interface GlueSchema {
  readonly client: GlueClient;
  readonly id: { readonly RegistryName: string; readonly SchemaName: string };
}

async function register(target: GlueSchema, schema: object): Promise<string> {
  const definition = JSON.stringify(schema);
  const known = await orNothing(
    target.client.send(new GetSchemaByDefinitionCommand({ SchemaId: target.id, SchemaDefinition: definition })),
  );
  if (known?.Status === 'AVAILABLE') return idOf(known);
  refuseIncompatible(target.id.SchemaName, await versions(target), schema);
  return whenAvailable(target, await add(target, definition));
}

/** Every version that may be used. Asked one by one: Glue's list names them without their text. */
async function versions(target: GlueSchema): Promise<readonly SchemaVersion[]> {
  const latest = await orNothing(
    getVersion(target, { SchemaId: target.id, SchemaVersionNumber: { LatestVersion: true } }),
  );
  const numbers = Array.from({ length: latest?.VersionNumber ?? 0 }, (_, index) => index + 1);
  const found = await Promise.all(
    // The number of a version that was deleted is not given again.
    numbers.map((VersionNumber) =>
      orNothing(getVersion(target, { SchemaId: target.id, SchemaVersionNumber: { VersionNumber } })),
    ),
  );
  return found
    .filter((version) => version?.Status === 'AVAILABLE')
    .map((version) => ({ id: idOf(version ?? {}), schema: JSON.parse(version?.SchemaDefinition ?? '') }));
}

async function add({ client, id }: GlueSchema, definition: string): Promise<string> {
  const created = await unlessPresent(
    client.send(
      new CreateSchemaCommand({
        RegistryId: { RegistryName: id.RegistryName },
        SchemaName: id.SchemaName,
        DataFormat: 'AVRO',
        Compatibility: 'FULL_ALL',
        SchemaDefinition: definition,
      }),
    ),
  );
  return idOf(
    created ?? (await client.send(new RegisterSchemaVersionCommand({ SchemaId: id, SchemaDefinition: definition }))),
  );
}

async function whenAvailable(target: GlueSchema, versionId: string): Promise<string> {
  for (let look = 0; look < judging.looks; look += 1) {
    const { Status } = await getVersion(target, { SchemaVersionId: versionId });
    if (Status === 'AVAILABLE') return versionId;
    if (Status === 'FAILURE') throw incompatible(target.id.SchemaName, 'Glue found a version that contradicts it');
    await sleep(judging.everyMs);
  }
  throw new Error(`version ${versionId} not judged within ${(judging.looks * judging.everyMs) / 1000} s`);
}

function getVersion({ client }: GlueSchema, input: GetSchemaVersionCommandInput) {
  return client.send(new GetSchemaVersionCommand(input));
}

function idOf({ SchemaVersionId }: { SchemaVersionId?: string | undefined }): string {
  if (SchemaVersionId === undefined) throw new Error('a schema version without an id');
  return SchemaVersionId;
}

const orNothing = <T>(answer: Promise<T>) => unless(EntityNotFoundException, answer);
const unlessPresent = <T>(answer: Promise<T>) => unless(AlreadyExistsException, answer);

async function unless<T>(kind: typeof EntityNotFoundException | typeof AlreadyExistsException, answer: Promise<T>) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}

async function reaching<T>(registry: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof PipelineError) throw cause;
    const got = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new PipelineError(`Glue registry ${registry}: expected an answer, got ${got}; it is tried again`, {
      code: 'registry_unavailable',
      at: 'topic',
      retriable: true,
      cause,
    });
  }
}
