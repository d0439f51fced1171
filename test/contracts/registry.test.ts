import { randomUUID } from 'node:crypto';
import { CreateRegistryCommand, GlueClient, RegisterSchemaVersionCommand } from '@aws-sdk/client-glue';
import { expect, inject } from 'vitest';
import { confluentRegistry } from '../../functions/adapters/registry/confluent.ts';
import { glueRegistry } from '../../functions/adapters/registry/glue.ts';
import type { Registry } from '../../functions/ports.ts';
import { readPlatform } from '../../local/data-folder.ts';
import { registryUrl } from '../../local/services/registry.ts';
import { headerOf, type SchemaId } from '../../streaming/framing.ts';
import { type Adapter, type Cases, casesOf, contract } from './contract.ts';
import { startMoto } from './moto.ts';

interface RegistryUnderTest {
  readonly registry: Registry;
  /** The same adapter where nobody listens. */
  readonly nowhere: Registry;
  /** Header bytes before the id. */
  readonly magic: string;
  /** Registers behind the adapter's back; rejects when the server refuses. */
  bypass(subject: string, schema: object): Promise<unknown>;
}

const record = (fields: Readonly<Record<string, unknown>>) => ({
  type: 'record',
  name: 'Contract',
  namespace: 'millrace',
  fields: Object.entries(fields).map(([name, type]) =>
    Array.isArray(type) ? { name, type, default: null } : { name, type },
  ),
});
const maybe = (type: unknown) => ['null', type];
const subjectOfItsOwn = () => `contract-${randomUUID()}-value`;
const first = record({ id: 'string', age: 'int', city: maybe('string') });

async function registered({ registry }: RegistryUnderTest, ...schemas: readonly object[]) {
  const subject = subjectOfItsOwn();
  const ids: SchemaId[] = [];
  for (const schema of schemas) ids.push(await registry.register(subject, schema));
  return { subject, ids };
}

const refusal = { code: 'schema_incompatible', at: 'topic', retriable: false };

const identities: Cases<RegistryUnderTest> = {
  'answers no version of a subject that it does not know': async ({ registry }) => {
    expect(await registry.versions(subjectOfItsOwn())).toEqual([]);
  },
  'gives a schema an id whose header is this registry’s': async (port) => {
    const { ids } = await registered(port, first);
    expect(headerOf(ids[0] as SchemaId).toString('hex')).toMatch(new RegExp(`^${port.magic}`));
  },
  'gives the same schema the same id': async (port) => {
    const { ids } = await registered(port, first, first);
    expect(ids[1]).toBe(ids[0]);
  },
  'gives an earlier schema its earlier id': async (port) => {
    const { ids } = await registered(port, first, record({ id: 'string', age: 'int' }), first);
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
  },
  'gives one id to all who register a schema at the same time': async (port) => {
    const { subject } = await registered(port, first);
    const next = record({ id: 'string', age: 'int', city: maybe('string'), height: maybe('int') });
    const ids = await Promise.all(Array.from({ length: 5 }, () => port.registry.register(subject, next)));
    expect(new Set(ids).size).toBe(1);
    expect(await port.registry.versions(subject)).toHaveLength(2);
  },
  'answers every version as it was given, oldest first, with the ids that it gave': async (port) => {
    const schemas = [
      first,
      record({ id: 'string', age: 'int' }),
      record({ id: 'string', age: 'int', x: maybe('long') }),
    ];
    const { subject, ids } = await registered(port, ...schemas);
    expect(await port.registry.versions(subject)).toEqual(schemas.map((schema, index) => ({ id: ids[index], schema })));
  },
  'keeps subjects apart': async (port) => {
    const { subject } = await registered(port, first);
    await registered(port, record({ other: 'double' }));
    expect(await port.registry.versions(subject)).toHaveLength(1);
  },
};

const evolutions = casesOf<readonly [string, object], RegistryUnderTest>(
  (what) => `takes a version with ${what}`,
  [
    ['a field more that may be null', record({ id: 'string', age: 'int', city: maybe('string'), x: maybe('long') })],
    ['a field less that may be null', record({ id: 'string', age: 'int' })],
    ['its fields in another order', record({ age: 'int', city: maybe('string'), id: 'string' })],
  ],
  async (port, [, next]) => {
    const { ids } = await registered(port, first, next);
    expect(new Set(ids).size).toBe(2);
  },
);

const breaks: readonly (readonly [string, object])[] = [
  ['a field more that is required', record({ id: 'string', age: 'int', city: maybe('string'), x: 'long' })],
  ['a field less that was required', record({ id: 'string', city: maybe('string') })],
  ['another type of a field', record({ id: 'string', age: 'boolean', city: maybe('string') })],
  ['a wider type, which old readers cannot read', record({ id: 'string', age: 'long', city: maybe('string') })],
  ['null where there was none', record({ id: 'string', age: maybe('int'), city: maybe('string') })],
  ['no null where there was one', record({ id: 'string', age: 'int', city: 'string' })],
  ['another record', { ...first, name: 'Other' }],
];

const refusals = casesOf<readonly [string, object], RegistryUnderTest>(
  (what) => `refuses a version with ${what}, and keeps what it had`,
  breaks,
  async (port, [, next]) => {
    const { subject } = await registered(port, first);
    await expect(port.registry.register(subject, next)).rejects.toMatchObject(refusal);
    expect(await port.registry.versions(subject)).toHaveLength(1);
  },
);

const unchecked = 'refuses by itself a version that nobody checked before';
const limits: Cases<RegistryUnderTest> = {
  'refuses a version that only the last but one contradicts': async (port) => {
    const { subject } = await registered(port, first, record({ id: 'string', age: 'int' }));
    const back = record({ id: 'string', age: 'int', city: maybe('int') });
    await expect(port.registry.register(subject, back)).rejects.toMatchObject(refusal);
  },
  [unchecked]: async (port) => {
    const { subject } = await registered(port, first);
    await expect(port.bypass(subject, record({ id: 'string', age: 'boolean' }))).rejects.toThrow();
  },
  'says that it is out of reach, and that it may be tried again': async ({ nowhere }) => {
    const failure = { code: 'registry_unavailable', at: 'topic', retriable: true };
    await expect(nowhere.register(subjectOfItsOwn(), first)).rejects.toMatchObject(failure);
    await expect(nowhere.versions(subjectOfItsOwn())).rejects.toMatchObject(failure);
  },
};

const apicurio: Adapter<RegistryUnderTest> = {
  name: 'Confluent’s API, on Apicurio',
  open: async () => {
    const url = registryUrl(readPlatform(inject('data'))?.ports.registry ?? 0);
    const bypass = async (subject: string, schema: object) => {
      const response = await fetch(`${url}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ schema: JSON.stringify(schema) }),
      });
      if (!response.ok) throw new Error(`refused with ${response.status}`);
    };
    const nowhere = confluentRegistry('http://127.0.0.1:1');
    return { port: { registry: confluentRegistry(url), nowhere, magic: '00', bypass }, close: async () => undefined };
  },
};

const glue: Adapter<RegistryUnderTest> = {
  name: 'AWS Glue, played by moto',
  notSupported: {
    [unchecked]: 'moto keeps whatever it is given; AWS Glue checks FULL_ALL, and our adapter checks before either',
  },
  open: async () => {
    const moto = await startMoto();
    // As on Lambda: region, credentials and address come from the environment.
    const environment = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'contract',
      AWS_SECRET_ACCESS_KEY: 'contract',
      AWS_ENDPOINT_URL_GLUE: moto.url,
    };
    const before = { ...process.env };
    Object.assign(process.env, environment);
    const client = new GlueClient();
    const registry = glueRegistry('contract');
    await client.send(new CreateRegistryCommand({ RegistryName: 'contract' }));
    const bypass = (subject: string, schema: object) =>
      client.send(
        new RegisterSchemaVersionCommand({
          SchemaId: { RegistryName: 'contract', SchemaName: subject },
          SchemaDefinition: JSON.stringify(schema),
        }),
      );
    const nowhere = glueRegistry('contract', new GlueClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }));
    const close = async () => {
      for (const name of Object.keys(environment)) delete process.env[name];
      Object.assign(process.env, before);
      client.destroy();
      await moto.stop();
    };
    return { port: { registry, nowhere, magic: '0300', bypass }, close };
  },
};

contract({ ...identities, ...evolutions, ...refusals, ...limits }, [apicurio, glue]);
