import type { Findings, Ledger, Report } from '../../functions/audit/audit.ts';

type Offsets = Set<string>;

/** An offset in a set. */
export const at = (partition: number, offset: number) => `${partition}@${offset}`;

const offsetsOf = (partition: number, [from, until]: readonly [number, number]) =>
  Array.from({ length: until - from }, (_, index) => at(partition, from + index));

/** The ledger as its definition has it: sets of single offsets, and reports that count once their dead are on file. */
export function ledgerOfSets(refuses: (findings: Findings) => boolean) {
  const letters = new Map<string, string>();
  const dead: Offsets = new Set();
  const alien: Offsets = new Set();
  const reports = new Map<string, Report>();
  const unreadable = new Map<number, string>();

  const isJudged = ({ partition, from, until, dead: declared }: Report) =>
    offsetsOf(partition, [from, until]).filter((offset) => dead.has(offset)).length >= declared;

  const keep = (letter: Findings['dead'][number]) => {
    const { identity, run, reason, partition, offset } = letter;
    letters.set(identity, letters.get(identity) ?? `${run} ${reason}`);
    dead.add(at(partition, offset));
    if (letter.alien) alien.add(at(partition, offset));
  };

  const ledger: Ledger = {
    async record(findings) {
      if (refuses(findings)) return { refused: 'value out of range' };
      findings.dead.forEach(keep);
      for (const report of findings.reports) reports.set(JSON.stringify(report), report);
      for (const { record, reason } of findings.unreadable) unreadable.set(record.offset, reason);
      return { judged: 0, pipelines: new Map() };
    },
  };

  const state = () => {
    const judged = [...reports.values()].filter(isJudged);
    const covered = judged.flatMap(({ partition, from, until }) => offsetsOf(partition, [from, until]));
    const expired = judged.flatMap((report) => report.expired.flatMap((range) => offsetsOf(report.partition, range)));
    return { letters, dead, alien, unreadable, covered: new Set(covered), expired: new Set(expired) };
  };
  return { ledger, state };
}
