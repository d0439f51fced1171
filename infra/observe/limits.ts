import { type Definition, isCounted } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { stepMs } from '../../streaming/schedule.ts';
import { type Config, recordsOf } from '../config.ts';

export type PipelineLimits = ReturnType<typeof pipelineLimits>;

/** From when on somebody is told of a pipeline, by what its stage is made of. */
export function pipelineLimits(config: Config, pipeline: Definition) {
  const seconds = absorbedSeconds(config);
  return {
    /** The relay is woken at once, and called every minute besides. */
    unpublishedSeconds: 300,
    /** Once in so many seconds the tables are near where the topic is. */
    catchUpSeconds: 3 * seconds,
    /** What comes in until it is absorbed the next time is no lag; twice as much is. */
    uncoveredRecords: 2 * recordsIn(config, pipeline, seconds),
    stalledSeconds: 2 * seconds + startSeconds,
    deadLettersAnHour: 0,
  };
}

/** From when on somebody is told of what all pipelines share. */
export function serverLimits({ landing }: Config) {
  return {
    leastFreeBytes: Math.round((landing.storageGb * 1e9) / 7),
    /** The smallest instance takes about 80; the steps seldom hold 20. */
    mostConnections: 60,
    mostDiskPercent: 75,
  };
}

/** Reports of the stream, of which there are a few in each batch. */
export const mostMappingLag = 500;

/** A job that starts anew needs so long until it absorbs. */
const startSeconds = 300;

/** A streaming job absorbs all the time, one that is started every so often only then. */
const absorbedSeconds = ({ stream }: Config) =>
  stream.mode === 'available-now' ? checkedSecondsOf(stream.every) : 300;

/** Of a window one page is meant: it may hold more, but seldom does. */
function recordsIn(config: Config, pipeline: Definition, seconds: number): number {
  const { every, records } = pipeline.schedule;
  const ofRun = isCounted(pipeline) ? (recordsOf(config, pipeline) ?? records) : records;
  return Math.ceil((seconds * 1000) / stepMs(every)) * ofRun;
}
