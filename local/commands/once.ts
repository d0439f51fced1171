import type { Account } from '../../functions/ports.ts';
import { type Definition, isCounted } from '../../streaming/definition.ts';
import { onFreeInstant } from '../once/free-instant.ts';
import { runOnce } from '../once/once.ts';
import type { Verdict } from '../once/verdict.ts';
import { chosenPipelines, type RunOptions } from '../options.ts';
import { type StepClient, StepFailure } from '../step-client.ts';
import { connectReader, type TableEndpoint } from '../table-reader.ts';

/** A platform to run on: started for this, or running already. */
export interface Where {
  readonly steps: StepClient;
  readonly tables: TableEndpoint;
  readonly startSeconds: number;
}

/** Longer than supervise lets a job stand still: the next one may do it. */
const stallSeconds = 400;

/** Does one run of every chosen pipeline, one after the other, and says the verdicts; answers whether all balance. */
export async function doOnce(
  { steps, tables, startSeconds }: Where,
  options: RunOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const client = await connectReader(tables);
  const oneRun = async (pipeline: Definition): Promise<boolean> => {
    const records = isCounted(pipeline) ? options.records : undefined;
    const run = { pipeline, records, source: options.source, startSeconds, stallSeconds, signal };
    const runOf = (instant: string) => {
      say(`${pipeline.name}: run ${instant}`);
      return runOnce(steps, client, { ...run, instant, onProgress: progressLines(say) });
    };
    const { instant } = options;
    const { verdict, problems } = await (instant ? runOf(instant) : onFreeInstant(steps, pipeline.name, runOf));
    for (const problem of problems) say(`  ${problem}`);
    say(summary(verdict));
    if (options.json) console.log(JSON.stringify(verdict));
    return verdict.verdict === 'balanced';
  };
  try {
    const balanced: boolean[] = [];
    for (const pipeline of chosenPipelines(options)) balanced.push(await oneRun(pipeline).catch(failedRun));
    return balanced.every(Boolean);
  } finally {
    await client.shutdown();
  }
}

/** A run that stops is no reason not to do those of the other pipelines. */
function failedRun(error: unknown): false {
  if (!(error instanceof StepFailure)) throw error;
  console.error(`  ${error.message}`);
  return false;
}

/** A line whenever the numbers have moved, at most one a second. */
function progressLines(say: (line: string) => void) {
  let last = '';
  let saidAt = 0;
  return ({ requested, landed, rejected, published, covered }: Account) => {
    const line = `  source ${landed + rejected}/${requested}  landing ${landed}  topic ${published}  stream ${covered}`;
    if (line === last || performance.now() - saidAt < 1000) return;
    last = line;
    saidAt = performance.now();
    say(line);
  };
}

function summary(verdict: Verdict): string {
  const { source, rejected, landing, topic, stream, table, dead, expired, lost, seconds, latencyMs } = verdict;
  const latency =
    latencyMs.p50 === null ? '' : `, landing to table ${latencyMs.p50} ms (p50), ${latencyMs.p99} ms (p99)`;
  return [
    `  source ${source} = landing ${landing} + rejected ${rejected}`,
    `  topic ${topic}, stream ${stream}, table ${table}, dead ${dead}, expired ${expired}${lost > 0 ? `, lost ${lost} (accepted)` : ''}`,
    `  ${verdict.verdict} after ${seconds.path} s${latency}`,
  ].join('\n');
}
