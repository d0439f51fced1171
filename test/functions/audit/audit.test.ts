import { describe, expect, it } from 'vitest';
import { audit, type Findings, findingsOf, type Ledger } from '../../../functions/audit/audit.ts';
import { readRecords } from '../../../functions/audit/read.ts';
import { measuring, unmeasured } from '../measuring.ts';
import { coverage, dead, record } from './messages.ts';

const reads = (...values: unknown[]) =>
  readRecords({ records: { x: values.map((value, offset) => record(value, offset)) } });

function pickyLedger(refuses: (findings: Findings) => boolean) {
  const kept: Findings[] = [];
  const ledger: Ledger = {
    async record(findings) {
      if (refuses(findings)) return { refused: 'value out of range' };
      kept.push(findings);
      return { judged: findings.reports.length, pipelines: new Map([['random-users', { covered: 5, dead: 1 }]]) };
    },
  };
  return { ledger, kept };
}

describe('audit', () => {
  it('records a batch in one go', async () => {
    const { ledger, kept } = pickyLedger(() => false);
    const { measure, taken } = measuring();
    expect(await audit(reads(dead(0, 1), coverage(0, 0, 5, 1), '{'), ledger, measure)).toEqual({
      dead: 1,
      reports: 1,
      judged: 1,
      unreadable: 1,
    });
    expect(kept).toHaveLength(1);
    expect(taken()).toEqual({ 'random-users': { RecordsCovered: 5, DeadLetters: 1 } });
  });

  it('does not trouble the database with an empty event', async () => {
    const { ledger, kept } = pickyLedger(() => false);
    await audit([], ledger, unmeasured);
    expect(kept).toHaveLength(0);
  });

  it('keeps the one message that the database refuses as unreadable, and everything else as what it is', async () => {
    const { ledger, kept } = pickyLedger(({ dead: letters }) => letters.some(({ offset }) => offset === 3));
    const { measure, taken } = measuring();
    const answer = await audit(reads(...[1, 2, 3, 4, 5].map((offset) => dead(0, offset))), ledger, measure);
    expect(answer).toMatchObject({ dead: 4, unreadable: 1 });
    expect(taken()).toEqual({ 'random-users': { RecordsCovered: 5 * kept.length, DeadLetters: kept.length } });
    expect(kept.flatMap(({ unreadable }) => unreadable)).toEqual([
      { record: expect.objectContaining({ offset: 2 }), reason: 'value out of range' },
    ]);
  });

  it('throws when even that cannot be kept', async () => {
    const { ledger } = pickyLedger(() => true);
    await expect(audit(reads(dead(0, 1)), ledger, unmeasured)).rejects.toThrow('refused');
  });

  it('passes on that the database cannot be reached', async () => {
    const ledger: Ledger = { record: () => Promise.reject(new Error('unreachable')) };
    await expect(audit(reads(dead(0, 1)), ledger, unmeasured)).rejects.toThrow('unreachable');
  });
});

describe('findings', () => {
  it('give a foreign message no run, whatever its headers claim', () => {
    expect(findingsOf(reads(dead(0, 1, true))).dead).toMatchObject([{ run: null, alien: true }]);
  });

  it('cut names that no index would take', () => {
    const [letter] = findingsOf(reads({ ...dead(0, 1), identity: 'x'.repeat(9000), run: 'y'.repeat(9000) })).dead;
    expect([letter?.identity.length, letter?.run?.length]).toEqual([200, 200]);
  });

  it('spread a coverage message over its ranges', () => {
    const { ranges } = coverage(0, 0, 5);
    const two = { ...coverage(0, 0, 5), ranges: [...ranges, ...coverage(1, 7, 9, 1).ranges] };
    expect(findingsOf(reads(two)).reports).toEqual([
      { pipeline: 'random-users', generation: 1, partition: 0, from: 0, until: 5, dead: 0, expired: [] },
      { pipeline: 'random-users', generation: 1, partition: 1, from: 7, until: 9, dead: 1, expired: [] },
    ]);
  });
});
