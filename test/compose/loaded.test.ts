import { beforeAll, describe, expect, it } from 'vitest';
import { brokenFile, brokenNames, composeFile, readBroken, readCompose } from './file.ts';
import { buildLoader, hasGo, type Loader } from './loader.ts';

const title = "Docker Compose's own loader";

describe.skipIf(!hasGo)(hasGo ? title : `NOT RUN, for Go is not on the PATH: ${title}`, () => {
  let load: Loader;
  beforeAll(async () => {
    load = await buildLoader();
  }, 600_000);

  const services = Object.entries(readCompose().services);
  const path = services.flatMap(([name, { profiles }]) => (profiles === undefined ? [name] : [])).sort();
  const all = services.map(([name]) => name).sort();

  it.each([
    ['no profile: the path', [], path],
    ['full: all', ['full'], all],
    ['every profile there is: all', ['*'], all],
  ])('takes compose.yaml with %s', (_, profiles, expected) => {
    expect(load(composeFile, profiles)).toEqual({ services: expected });
  });

  const refused = brokenNames.map((name) => ({ name, reason: readBroken(name)['x-refused'] ?? '' }));

  it.each(refused.filter(({ reason }) => reason !== ''))('refuses what is broken by $name', ({ name, reason }) => {
    expect(load(brokenFile(name), [])).toEqual({ error: expect.stringContaining(reason) });
  });
});
