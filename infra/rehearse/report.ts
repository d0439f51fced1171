import { type Rehearsed, rehearsable } from './template.ts';

/** Lines for a person: what was rehearsed and, as plainly, what was not. */
export function reportText(stage: string, { rehearsed, leftOut, notRehearsed }: Rehearsed): string {
  const others = Object.entries(notRehearsed);
  return [
    `Rehearsed of stage ${stage}:`,
    ...rehearsable.map((type) => line(rehearsed[type] || 'none', type)),
    'Left out of these:',
    ...leftOut.map(({ stack, id, what, because }) => `  ${stack} ${id}, ${what}: ${because}`),
    ...(leftOut.length === 0 ? ['  nothing'] : []),
    `Not rehearsed, ${sum(Object.values(notRehearsed))} resources of ${others.length} types:`,
    ...others.map(([type, count]) => line(count, type)),
  ].join('\n');
}

const line = (count: number | string, type: string) => `  ${String(count).padStart(4)}  ${type}`;
const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
