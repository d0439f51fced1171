import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceFor } from '../../../../functions/adapters/source/source.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../../streaming/pipelines/random-users/sample.ts';
import { projectorOf } from '../../../../streaming/projection.ts';
import { type Person, recordedPeople } from '../../../source-server/people.ts';

const window = { from: '2026-11-24T16:59:00.000Z', until: '2026-11-24T17:00:00.000Z' };
const ask = { seed: 'millrace-random-users-20261124T170000Z', page: 1, size: 300, ...window };
const people = (change: Partial<typeof ask> = {}) => samplePage({ ...ask, ...change }) as Person[];
const keysOf = (page: readonly Person[]) => page.map(({ login }) => login.uuid);

/** Every path to a value with the type found there, such as `location.postcode number`. */
function* shapesIn(value: unknown, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) yield `${path} ${value === null ? 'null' : typeof value}`;
  else
    for (const [name, inner] of Object.entries(value)) yield* shapesIn(inner, path === '' ? name : `${path}.${name}`);
}
const shapesOf = (records: readonly unknown[]) => new Set(records.flatMap((record) => [...shapesIn(record)]));

describe('The sample of random-users', () => {
  it.each([1, 2])('page %i is the same whenever it is asked', (page) => {
    expect(people({ page })).toEqual(people({ page }));
  });

  it.each([
    ['seed', { seed: 'another' }],
    ['page', { page: 2 }],
  ])('has keys of its own for every %s', (_name, change) => {
    const keys = new Set([...keysOf(people()), ...keysOf(people(change))]);
    expect(keys.size).toBe(2 * ask.size);
  });

  it('begins with a hundred recorded people, and only there', () => {
    const titles = (page: readonly Person[]) => page.map(({ name }) => JSON.stringify(name));
    expect(titles(people()).slice(0, 100)).toEqual(titles(people({ seed: 'another' })).slice(0, 100));
    expect(titles(people()).slice(100)).not.toEqual(titles(people({ seed: 'another' })).slice(100));
    expect(titles(people({ page: 2 })).slice(0, 100)).not.toEqual(titles(people()).slice(0, 100));
  });

  it('gives a page of one record when asked for one', () => {
    expect(people({ size: 1 })).toHaveLength(1);
  });

  it('has the shape of the real answers, the forbidden fields included', () => {
    const generated = people({ page: 2, size: 3000 });
    expect(shapesOf(generated)).toEqual(shapesOf(recordedPeople().slice(0, 3000)));
    expect(shapesOf(generated)).toContain('login.password string');
    expect(shapesOf(generated)).toContain('location.postcode number');
    expect(shapesOf(generated)).toContain('id.value null');
  });

  it('is good: every record passes the allow-list and every quality rule', () => {
    const project = projectorOf(randomUsers);
    for (const record of [...people({ size: 2000 }), ...people({ page: 2, size: 2000 })]) {
      const projected = project(record);
      if (!projected.ok) expect.unreachable(`${projected.reason} in ${projected.field}`);
      const { born, registered, email } = projected.record as { born: number; registered: number; email: string };
      expect(born).toBeLessThan(registered);
      expect(email).toMatch(/.@./);
    }
  });
});

describe('Source sample', () => {
  const taskRoot = mkdtempSync(join(tmpdir(), 'millrace-sample-'));
  const world = { taskRoot, signal: new AbortController().signal };
  beforeAll(async () => {
    mkdirSync(join(taskRoot, 'samples'));
    await build({
      entryPoints: [new URL('../../../../streaming/pipelines/random-users/sample.ts', import.meta.url).pathname],
      outfile: join(taskRoot, 'samples', 'random-users.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
  });
  afterAll(() => rmSync(taskRoot, { recursive: true }));

  it('reads the bundle beside the function', async () => {
    const page = await sourceFor('sample', randomUsers, world).fetchPage(randomUsers, ask);
    expect(page.records).toEqual(people());
  });

  it('says which file it misses', async () => {
    const unknown = { ...randomUsers, name: 'nobody' };
    await expect(sourceFor('sample', unknown, world).fetchPage(unknown, ask)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(join('samples', 'nobody.cjs')),
    });
  });
});
