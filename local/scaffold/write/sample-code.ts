import type { Proposal } from '../proposal.ts';
import { quoted } from './pipeline-code.ts';

/** The text of `sample.ts`: the recorded answer, given again in every run. */
export function sampleCode({ source: { paging }, key, time, from }: Proposal): string {
  // One answer that holds all there is holds the same keys the next time, and what is fixed is the same with them.
  const isKeyFresh = paging === 'pages';
  const isTimeFresh = time !== undefined && (isKeyFresh || time.kind === 'changes');
  const fresh = [
    ...(isKeyFresh ? [`key: ${quoted(key.path)}`] : []),
    ...(isTimeFresh ? [`time: ${quoted(time.field.path)}`] : []),
  ];
  const what =
    fresh.length === 0 ? 'as it is' : `with a ${fresh.map((part) => part.split(':')[0]).join(' and a ')} of its own`;
  return `import { replayOf } from '../../replay.ts';
import recorded from './recorded/records.json' with { type: 'json' };

/** The source without the source: the records of one answer (${from.replaceAll('*/', '* /')}), in every run ${what}. */
export const samplePage = replayOf(recorded, { ${fresh.join(', ')} });
`;
}
