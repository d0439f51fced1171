import { describe, expect, it } from 'vitest';
import { stages } from '../../stages.ts';
import { baselineOf, stateful } from './immutable.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

describe('What holds records is never replaced by a deploy', () => {
  it.each(stages)(
    '%s: logical ids and immutable properties are those of the baseline (a change loses data: see docs/deploy.md before -u)',
    async (stage) => {
      await expect(baselineOf(synthesize(stage))).toMatchFileSnapshot(`baseline/${stage}.json`);
    },
  );

  it.each(stateful)('%s is in the baseline of every stage', (type) => {
    for (const stage of stages) expect(resourcesOf(synthesize(stage), type).length, stage).toBeGreaterThan(0);
  });
});
