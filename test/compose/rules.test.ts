import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultPortBase } from '../../local/ports.ts';
import { brokenNames, readBroken, readCompose, withDefaults } from './file.ts';
import { chosenVersions, pinnedImages } from './images.ts';
import { onlyInContainers, sameServices } from './natives.ts';
import {
  declaredVolumes,
  fewRights,
  healthConditions,
  loopbackPorts,
  memoryLimits,
  noCycles,
  ownUsers,
  type Rule,
} from './rules.ts';

/** Each with the example in broken/ that it rejects. */
const rules: readonly (readonly [says: string, rule: Rule, broken: string])[] = [
  ['who waits for health waits for a healthcheck', healthConditions, 'health-conditions'],
  ['nobody waits for itself', noCycles, 'cycles'],
  ["ports are on loopback, with the native runner's numbers", loopbackPorts, 'ports'],
  ['memory is limited to what a laptop of 16 GiB can give', memoryLimits, 'memory'],
  ['nobody has or gains rights, and only init takes some back', fewRights, 'rights'],
  ['only init is root, and everybody is who its files belong to', ownUsers, 'users'],
  ['volumes are declared, and used', declaredVolumes, 'volumes'],
  ['images are pinned by a tag, and a variable takes another', pinnedImages, 'pins'],
  ['versions are those of versions.ts', chosenVersions, 'versions'],
  ['services are the native ones and those that docs/parity.md explains', sameServices, 'services'],
];

describe('In compose.yaml', () => {
  it.each(rules)('%s', (_, rule) => {
    expect(rule(readCompose())).toEqual([]);
  });

  it.each(rules)('%s: else it is rejected', (_, rule, broken) => {
    const example = readBroken(broken);
    expect(rule(example)).toEqual(example['x-problems']);
  });

  it('the range of ports is the default one', () => {
    const { init } = readCompose().services;
    expect(withDefaults(init?.environment?.['MILLRACE_PORT_BASE'] ?? '')).toBe(String(defaultPortBase));
  });

  it("our image is built upon the Dockerfile's own default", () => {
    const [, node] = /^ARG NODE_IMAGE=(.+)$/m.exec(readFileSync('local/containers/Dockerfile', 'utf8')) ?? [];
    const { millrace } = readCompose().services;
    expect(withDefaults(millrace?.build?.args?.['NODE_IMAGE'] ?? '')).toBe(node);
  });

  it('what is not native has a reason', () => {
    const reasons = [...onlyInContainers()];
    expect(reasons.length).toBeGreaterThan(0);
    for (const [name, why] of reasons) expect(why.length, name).toBeGreaterThanOrEqual(20);
  });
});

describe('The broken examples', () => {
  it('are each rejected, by the rule that has it or by the loader', () => {
    const found = brokenNames.filter((name) => readBroken(name)['x-problems'] !== undefined);
    expect(found.sort()).toEqual(rules.map(([, , broken]) => broken).sort());
    expect(brokenNames.filter((name) => !found.includes(name) && !readBroken(name)['x-refused'])).toEqual([]);
  });
});
