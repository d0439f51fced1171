import type { Definition } from '../../streaming/definition.ts';
import { isWhole, relanderOf, reprojectorOf } from '../../streaming/projection.ts';
import { type Verdict, verdictOn } from '../extract/judge.ts';
import type { PageToLand } from '../ports.ts';
import type { TakenLetter } from './redrives.ts';

/** Why a letter is left as it is: nothing of ours could carry it on. */
export const refusals = {
  foreign: 'not a message of our relay: who sent it has to send it again',
  not_kept: 'what the source said was too long to keep, or could not be stored: run its instant from the source again',
  unfit: 'a record of an older definition, which today’s cannot hold',
} as const;

export type Refusal = keyof typeof refusals;

/** What becomes of a letter that is driven again. */
export type Again =
  | { readonly do: 'land'; readonly row: PageToLand['rows'][number] }
  /** The same dead letter, once more. */
  | { readonly do: 'die'; readonly reason: string; readonly field: string | null }
  | { readonly do: 'refuse'; readonly because: Refusal };

/**
 * Decides about one letter by today's definition. What died at the source is projected and judged anew; what had landed
 * lands once more as it was, and the stream judges it. Origin and version stay what they were, and no payload is edited.
 */
export function againOf(pipeline: Definition): (letter: TakenLetter, now: number) => Again {
  const reproject = reprojectorOf(pipeline);
  const reland = relanderOf(pipeline);

  return (letter, now) => {
    if (!/^\d+$/.test(letter.identity)) return refuse('foreign');
    if (!isKept(letter)) return refuse('not_kept');
    const origin = Number(letter.identity);
    const projected = wasRecord(letter) ? reland(letter.payload) : reproject(letter.payload);
    if (wasRecord(letter) && !projected.ok) return refuse('unfit');
    return outcome(verdictOn(pipeline, projected, origin, now), origin);
  };
}

/** What landed had been a record; so had what was refused for its version alone. */
const wasRecord = ({ at, reason }: TakenLetter) => at !== 'source' || reason === 'bad_version';

/** Whether all of the record is on file: of what the source said may be only a part. */
function isKept(letter: TakenLetter): boolean {
  const { reason, payload } = letter;
  if (typeof payload !== 'object' || payload === null) return false;
  return wasRecord(letter) || (reason !== 'not_an_object' && isWhole(payload));
}

const refuse = (because: Refusal): Again => ({ do: 'refuse', because });

function outcome(verdict: Verdict, origin: number): Again {
  return verdict.ok
    ? { do: 'land', row: { origin, version: verdict.version, payload: verdict.record } }
    : { do: 'die', reason: verdict.reason, field: verdict.field };
}
