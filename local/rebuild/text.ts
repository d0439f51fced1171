import type { RebuildAnswer, RebuildPreview } from '../../functions/rebuild/rebuild.ts';
import type { Fetched } from './fetch-again.ts';

const shown = 3;

/** What a rebuild would do. */
export function planLines(pipeline: string, preview: RebuildPreview, refetch: boolean): readonly string[] {
  const { table, total, ranges, underWay, takenFrom } = preview;
  const places = Object.entries(ranges).map(
    ([partition, [from, until]]) => `  partition ${partition}: [${from}, ${until})`,
  );
  return [
    `${pipeline}, table ${table}: ${total} records on the topic from before the stream wrote it`,
    ...places,
    ...(underWay === null ? [] : [`  a rebuild of it is at work: ${underWay.replayed} of ${underWay.total}`]),
    ...(takenFrom === null
      ? []
      : [`  the tables take records from ${takenFrom} on; older ones count as dead (docs/decisions/0018)`]),
    ...goneLines(preview, refetch),
  ];
}

function goneLines({ outOfReach: { count, instants, others } }: RebuildPreview, refetch: boolean): readonly string[] {
  const named = instants.slice(0, shown).join(', ');
  const more = count > shown ? `, ... ${instants.at(-1)}` : '';
  const what = refetch ? 'will be asked of the source again' : 'add --refetch to ask the source for them again';
  return [
    ...(count === 0 ? [] : [`  ${count} instants are older than the topic keeps: ${named}${more}; ${what}`]),
    ...(others === 0
      ? []
      : [
          `  ${others} redrives are older than the topic keeps: reconcile --deep --repair lands what landing still holds`,
        ]),
  ];
}

/** What a replay came to. */
export const rebuiltLine = ({ table, done, total, replayed, stored, dead, expired }: RebuildAnswer) =>
  `${table}: ${done ? '' : 'so far '}${replayed} of ${total} records replayed: stored ${stored}, dead ${dead}, ` +
  `expired ${expired}${done ? '' : '; the job goes on by itself, the same command looks at it again'}`;

/** What is still lacking when it is done. */
export function restLines({ outOfReach: { count, instants } }: RebuildPreview, fetched?: Fetched): readonly string[] {
  if (fetched === undefined) {
    return count === 0 ? [] : [`${count} instants that the topic holds no more are lacking: the same with --refetch`];
  }
  const left = count - instants.length;
  return [
    `${fetched.done} instants landed once more and go their way (npm run reconcile says how they arrive)`,
    ...fetched.failed.map(({ instant, why }) => `  ${instant}: ${why}`),
    ...(left > 0 ? [`${left} more are lacking: the same once more`] : []),
  ];
}

/** Whether nothing is lacking once it is done. */
export const isWhole = ({ outOfReach: { count, instants, others } }: RebuildPreview, refetch: boolean) =>
  others === 0 && (count === 0 || (refetch && count === instants.length));
