import type { Account } from '../../functions/ports.ts';
import { type Again, refusals } from '../../functions/redrive/again.ts';
import type { RedriveAnswer, RedrivePreview } from '../../functions/redrive/redrive.ts';
import type { StreamState } from '../../functions/redrive/redrives.ts';
import { tableOf } from './rows.ts';

type Sampled = RedrivePreview['sample'][number];

/** What a redrive would take: counts, and some of the letters with what would become of each. */
export function previewLines(pipeline: string, { letters, found, sample, stream }: RedrivePreview): readonly string[] {
  if (letters === 0) return [`${pipeline}: no dead letter fits.`];
  return [
    `${pipeline}: ${letters} dead letters`,
    tableOf(found.map(({ at, reason, count, foreign }) => ({ at, reason, letters: count, foreign }))),
    'The first of them:',
    tableOf(sample.map(sampled)),
    ...waiting(stream),
  ];
}

const sampled = ({ identity, at, reason, field, attempts, again }: Sampled) => ({
  identity,
  at,
  reason,
  field,
  attempts,
  'would now': wouldNow(at, again),
});

function wouldNow(at: string, again: Again): string {
  switch (again.do) {
    case 'land':
      return at === 'source' ? 'land' : 'land, and be judged by the stream';
    case 'die':
      return `die again of ${again.reason}${again.field === null ? '' : ` (${again.field})`}`;
    case 'refuse':
      return `stay: ${refusals[again.because]}`;
  }
}

/** How far it has come. */
export const progressLine = ({ run, received, landed, rejected }: RedriveAnswer) =>
  `  ${run}: ${received} judged, ${landed} landed, ${rejected} died again`;

/** What it came to before the stream has seen any of it. */
export function answerLines(answer: RedriveAnswer): readonly string[] {
  const refused = Object.entries(answer.refused) as [keyof typeof refusals, number][];
  return [
    `${answer.run}: ${answer.landed} landed, ${answer.rejected} died again at the source`,
    ...refused.map(([because, count]) => `  ${count} stay as they are: ${refusals[because]}`),
    ...waiting(answer.stream),
  ];
}

function waiting(stream: StreamState): readonly string[] {
  if (stream === 'running') return [];
  const why = stream === 'stopped' ? 'is stopped' : 'has lost offsets that nobody has accepted';
  return [
    `The stream of this pipeline ${why}: what lands waits safely until it runs again (npm run stream -- status).`,
  ];
}

/** The account of the redrive's run. */
export const accountLine = ({ received, landed, rejected, published, stored, dead, expired }: Account) =>
  `  received ${received} = landed ${landed} + died at the source ${rejected}; ` +
  `published ${published}: stored ${stored}, dead ${dead}, expired ${expired}`;

/** Whether all that landed has come to its end. */
export const isComplete = ({ closed, pending, in_flight }: Account) => closed && pending === 0 && in_flight === 0;
