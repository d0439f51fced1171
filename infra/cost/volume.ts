import { type Definition, isCounted } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { stepMs } from '../../streaming/schedule.ts';
import type { Config } from '../config.ts';
import { recordsOf } from '../config.ts';
import { assumed } from './assumptions.ts';

/** How much flows, of one pipeline. */
export interface Volume {
  readonly pipeline: string;
  readonly recordsPerMinute: number;
  /** Of one record as JSON. */
  readonly bytes: number;
  readonly runsPerMinute: number;
  readonly tables: number;
  readonly keepDays: { readonly landing: number; readonly topic: number; readonly tables: number };
  /** Whether its records come over the internet; made-up ones do not. */
  readonly isFetched: boolean;
}

/** What somebody says of the volume instead: records a minute, of all pipelines or by name, and bytes of a record. */
export interface Said {
  readonly rate?: number | Readonly<Record<string, number>>;
  readonly bytes?: number;
}

export const minutesPerMonth = 730 * 60;

export function volumesOf(config: Config, pipelines: readonly Definition[], said: Said = {}): readonly Volume[] {
  return pipelines.map((pipeline) => ({
    pipeline: pipeline.name,
    recordsPerMinute: saidOf(said, pipeline.name) ?? rateOf(config, pipeline),
    bytes: said.bytes ?? assumed.recordBytes.value,
    runsPerMinute: 60_000 / stepMs(pipeline.schedule.every),
    tables: Object.keys(pipeline.tables).length,
    keepDays: {
      landing: daysOf(pipeline.keep.landing),
      topic: daysOf(pipeline.keep.topic),
      tables: daysOf(pipeline.keep.tables),
    },
    isFetched: config.sources[pipeline.name] !== 'sample',
  }));
}

const saidOf = ({ rate }: Said, name: string) => (typeof rate === 'number' ? rate : rate?.[name]);
const daysOf = (text: string) => checkedSecondsOf(text) / 86_400;

/** What the definition asks for; where the source decides how much there is, somebody has to assume it. */
function rateOf(config: Config, pipeline: Definition): number {
  if (!isCounted(pipeline)) return assumed.sourceDecides.value;
  const perRun = recordsOf(config, pipeline) ?? pipeline.schedule.records;
  return (perRun * 60_000) / stepMs(pipeline.schedule.every);
}
