import type { Definition } from '../../streaming/definition.ts';
import { instantsBetween } from '../../streaming/schedule.ts';
import type { Hole } from './instants.ts';

/** The hole that somebody names, and how many instants lie in it; refuses what cannot be filled, and says why. */
export function holeOf(
  pipeline: Definition,
  fromText: string,
  toText: string,
  now: Date,
): Hole & { readonly instants: number } {
  const [from, to] = [new Date(fromText), new Date(toText)];
  if (pipeline.source.replayable === false) {
    throw new Error(
      `${pipeline.name}: expected a source that gives an old instant's records when it is asked later, got one that says ` +
        'replayable: false; what it gave then is gone',
    );
  }
  if (from >= to) {
    throw new Error(`interval: expected one that starts before it ends, got from ${fromText} to ${toText}`);
  }
  if (from >= now) {
    throw new Error(`interval: expected one that has begun (it is ${now.toISOString()} now), got from ${fromText}`);
  }
  const until = to < now ? to : now;
  const instants = instantsBetween(pipeline.schedule.every, from, until).length;
  if (instants > 0) return { pipeline, from, until, instants };
  throw new Error(
    `interval: expected at least one instant of every ${pipeline.schedule.every} in it, got none from ${fromText} to ${toText}`,
  );
}
