import type { Erased, Found, Until } from '../../functions/erase/erase.ts';
import { tableOf } from './rows.ts';

const sum = (counts: Found['found']) => Object.values(counts).reduce((total, count) => total + count, 0);

/** Whether a key is nowhere, and was never erased. */
export const isUnknown = ({ unknown }: Found) => unknown.length > 0;

/** Whether something of the keys is left. */
export const isLeft = ({ found }: Found) => sum(found) > 0;

/** Where something of the keys is, and which of them nobody knows. */
export function foundLines(pipeline: string, { keys, found, suppressed, unknown }: Found): readonly string[] {
  return [
    `${pipeline}: ${keys} ${keys === 1 ? 'key' : 'keys'}, ${sum(found)} rows${suppressed > 0 ? `; ${suppressed} suppressed before` : ''}`,
    ...(sum(found) > 0 ? [tableOf([found])] : []),
    ...(unknown.length > 0
      ? [`Known nowhere, and never erased: number ${unknown.join(', ')} of the keys. Nothing was changed.`]
      : []),
  ];
}

/** How far a call has come. */
export const progressLine = (answer: Found | Erased) =>
  answer.dryRun ? `  looked so far: ${sum(answer.found)} rows found` : `  ${sum(answer.erased)} rows erased so far`;

/** What was done. */
export const erasedLines = (pipeline: string, { keys, erased }: Erased): readonly string[] => [
  `${pipeline}: ${sum(erased)} rows of ${keys} ${keys === 1 ? 'key' : 'keys'} erased, and nothing of them is taken again`,
  tableOf([erased]),
];

/** What a look afterwards says. */
export function verifiedLines(found: Found): readonly string[] {
  if (isLeft(found)) return ['NOT erased, there is:', tableOf([found.found])];
  return [
    'Nothing of them is in landing, dead letters, unreadable audit messages or tables.',
    ...untilLines(found.until),
  ];
}

const untilLines = (until: Until | null) =>
  until === null
    ? []
    : [
        `  messages of the topic and the audit topic may hold them until ${until.topics}`,
        ...(until.backups === null ? [] : [`  backups may hold them until ${until.backups}`]),
      ];
