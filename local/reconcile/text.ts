import type { Hour, ReconcileAnswer } from '../../functions/reconcile/reconcile.ts';
import type { RunReport, Tally } from '../../functions/reconcile/tally.ts';
import { tableOf } from '../commands/rows.ts';
import type { Compared } from './deep.ts';

/** Details that are spelled out; a program asks for all of them by --json. */
const mostLines = 20;

/** Whether all is where it should be: runs at work are no reason to worry. */
export const isBalanced = ({ totals }: ReconcileAnswer, compared?: Compared) =>
  totals.unbalanced === 0 && totals.missing === 0 && (compared?.astray.length ?? 0) === 0;

/** A table of the hours, or of the runs, and below it what is wrong. */
export function accountLines(answer: ReconcileAnswer, byRun: boolean): readonly string[] {
  const { pipeline, from, until, totals, hours, runs, missing } = answer;
  const rows = byRun ? runs.map(runRow) : hours.map(hourRow);
  return [
    `${pipeline}, ${from} until ${until}`,
    ...(rows.length === 0 ? [] : [tableOf(rows)]),
    ...shortened(problemsOf(runs)),
    ...shortened(stretchesOf(missing)),
    `  ${countsOf(totals)}`,
    `  ${verdictOf(totals)}`,
  ];
}

const sums = ({ received, rejected, landed, published, stored, dead, expired, lost }: Tally | RunReport) => ({
  ...{ received, rejected, landed, published, stored, dead, expired, lost },
});

const hourRow = ({ hour, ...tally }: Hour) => ({
  hour,
  runs: tally.runs,
  ...sums(tally),
  verdict: verdictOf(tally),
});

const runRow = (report: RunReport) => ({ run: report.run, ...sums(report), verdict: report.balance });

const countsOf = ({ received, rejected, landed, published, stored, dead, expired, lost, erased }: Tally) =>
  `source ${received} = landing ${landed} + rejected ${rejected}; topic ${published}${erased > 0 ? ` + erased ${erased}` : ''}; ` +
  `tables ${stored}, dead ${dead}, expired ${expired}, lost ${lost}`;

/** `balanced`, or how many runs are not, and how many instants have none; what was accepted as lost is no reason to worry. */
export function verdictOf({ runs, unbalanced, underWay, missing, lost }: Tally): string {
  const parts = [
    ...(unbalanced > 0 ? [`${unbalanced} unbalanced`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
  ];
  const verdict = parts.length > 0 ? parts.join(', ') : runs === 0 ? 'no runs' : 'balanced';
  const also = [...(lost > 0 ? [`${lost} lost`] : []), ...(underWay > 0 ? [`${underWay} under way`] : [])];
  return [verdict, ...also].join(', ');
}

const problemsOf = (runs: readonly RunReport[]) =>
  runs
    .filter(({ balance }) => balance === 'unbalanced' || balance === 'lost')
    .flatMap(({ run, imbalances, lost }) => [
      ...imbalances.map(({ says }) => `  ${run}: ${says}`),
      ...(lost > 0 ? [`  ${run}: ${lost} lost, as an operator accepted; --deep --repair lands them once more`] : []),
    ]);

/** Instants without a run: hours that are empty as one line each. */
function stretchesOf(missing: readonly string[]): readonly string[] {
  const hours = new Map<string, string[]>();
  for (const run of missing) {
    const hour = run.slice(0, 13);
    hours.set(hour, [...(hours.get(hour) ?? []), run]);
  }
  return [...hours.values()].map(([first, ...more]) => {
    const last = more.at(-1);
    return `  ${first}${last === undefined ? '' : ` and ${more.length} more until ${last}`}: no run`;
  });
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `  and ${lines.length - mostLines} more such lines: --json has all`];
}

/** What a comparison of landing with the tables found. */
export function comparedLines({ rows, compared, gone, dead, expired, erased, astray }: Compared): readonly string[] {
  const left = { dead, expired, erased, 'kept no more by landing': gone };
  const why = Object.entries(left).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  const wrong = astray.map(
    ({ run, seq, version, tables }) =>
      `  ${run}, row ${seq} (version ${version}): ${Object.entries(tables)
        .map(([table, how]) => `${how === 'missing' ? 'not' : 'older'} in ${table}`)
        .join(', ')}`,
  );
  return [
    `  of ${rows + gone} rows of landing ${compared} were compared${why.length > 0 ? `; left out: ${why.join(', ')}` : ''}`,
    ...shortened(wrong),
    astray.length === 0 ? '  every one is in every table' : `  ${astray.length} are not in every table as they landed`,
  ];
}
