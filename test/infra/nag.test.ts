import { describe, expect, it } from 'vitest';
import { acknowledged } from '../../infra/acknowledged.ts';
import { stages } from '../../stages.ts';
import { findingsOf } from './findings.ts';

const found = new Set(stages.flatMap((stage) => findingsOf(stage).map(({ on, rule }) => `${on} | ${rule}`)));
const known = acknowledged.flatMap(({ findings }) => findings);

describe('cdk-nag and the validator of templates, over all stages', () => {
  it('find nothing that is not acknowledged with its reason', () => {
    expect([...found].filter((finding) => !known.includes(finding)).sort()).toEqual([]);
  });

  it('find all that is acknowledged: what is mended is taken off the list', () => {
    expect(known.filter((finding) => !found.has(finding)).sort()).toEqual([]);
  });

  it('have each finding acknowledged once, for a reason of a sentence', () => {
    expect(new Set(known).size).toBe(known.length);
    for (const { because } of acknowledged) expect(because.length).toBeGreaterThan(40);
  });
});
