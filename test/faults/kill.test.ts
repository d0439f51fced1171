import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { StepFailure } from '../../local/step-client.ts';
import { recentDay } from '../days.ts';
import { checkAll } from '../e2e/checker.ts';
import { endLeftovers, interrupt } from '../e2e/command.ts';
import { endOffsets, instants, type Path, pipeline, until } from '../e2e/path.ts';
import { processesIn } from '../e2e/processes.ts';
import { databaseFolder } from '../e2e/store-search.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import {
  everythingOf,
  functionsOf,
  kill,
  load,
  type Platform,
  serverOf,
  sparkOf,
  startPlatform,
  underLoad,
  untilWhole,
} from './struck-platform.ts';

const minutes = 60_000;
const first = `${recentDay('2026-05-01')}T00:00:00Z`;
const nextInstant = instants(first);
let last = first;
/** So many instants, each of which is asked for. */
const nextRuns = (count: number) => Array.from({ length: count }, () => (last = nextInstant()));

/**
 * One platform for all of them, in this order. Each fault strikes while runs are at every noun of the path; afterwards
 * everything that the source has ever served is compared with the tables and the dead letters, record by record.
 */
describe('Nothing is lost and nothing counts twice', () => {
  let platform: Platform;
  let server: SourceServer;
  const began = new Date();

  beforeAll(async () => {
    const planted = new Map([
      [100, 'missingField'],
      [200, 'bornAfterRegistered'],
    ] as const);
    server = await startSourceServer({ people: peopleOf('faults'), newInEachRun: true, planted, delayMs: 100 });
    platform = await startPlatform(server.url);
  }, 20 * minutes);
  afterAll(async () => {
    await platform?.path.close();
    await endLeftovers();
    await server?.stop();
  }, 10 * minutes);

  /** Strikes when the first records of the load are in the tables and others at every noun before; answers when. */
  async function strikeUnderLoad(blow: (path: Path) => void): Promise<number> {
    const runs = nextRuns(16);
    await Promise.all([load(platform.path, runs), underLoad(platform.path, runs)]);
    blow(platform.path);
    return Date.now();
  }

  async function strike(what: string, blow: (path: Path) => void): Promise<void> {
    await expectWhole(what, await strikeUnderLoad(blow));
  }

  async function expectWhole(what: string, struckAt: number): Promise<void> {
    // Those of this test, and those of the schedule, which goes on meanwhile.
    const intervals = [
      [first, new Date(Date.parse(last) + 60_000).toISOString()],
      [began.toISOString(), new Date().toISOString()],
    ] as const;
    const { seconds, settled, records } = await untilWhole(platform.path, server, struckAt, intervals);
    console.log(`${what}: whole after ${seconds.toFixed(1)} s, ${settled} runs by settle, ${records} records compared`);
    const { tooMuch, wrong } = await checkAll(platform.path, server, 10);
    expect({ tooMuch, wrong }).toEqual({ tooMuch: [], wrong: [] });
  }

  it.each([
    ['Kafka', (path: Path) => kill(serverOf(path, 'kafka'))],
    ['PostgreSQL', (path: Path) => kill(serverOf(path, 'postgres'))],
    ['Spark', (path: Path) => kill(sparkOf(path))],
    ['extract', (path: Path) => kill(functionsOf(path, 'extract'))],
    ['relay', (path: Path) => kill(functionsOf(path, 'relay'))],
    ['audit', (path: Path) => kill(functionsOf(path, 'audit'))],
  ])('when %s is killed', { timeout: 30 * minutes }, strike);

  it('when Cassandra is killed three times: what counts as covered had been on disk', {
    timeout: 50 * minutes,
  }, async () => {
    for (let times = 1; times < 3; times += 1) await strikeUnderLoad((path) => kill(serverOf(path, 'cassandra')));
    await strike('Cassandra', (path) => kill(serverOf(path, 'cassandra')));
  });

  it('when the checkpoints are deleted', { timeout: 30 * minutes }, async () => {
    await strike('checkpoints', ({ data }) => removeAtOnce(join(data, 'data', 'checkpoints')));
  });

  it('when everything is killed at once, the runner too: the next start goes on', {
    timeout: 50 * minutes,
  }, async () => {
    const struckAt = await strikeUnderLoad((path) => kill(everythingOf(path)));
    await platform.running.ended();
    await platform.path.close();
    await copyDatabase(inject('data'));
    platform = await startPlatform(server.url);
    await expectWhole('everything', struckAt);
  });

  it('and the relay stops, and says why, when PostgreSQL is restored from an older copy', {
    timeout: 60 * minutes,
  }, async () => {
    await load(platform.path, nextRuns(24));
    await expectWhole('load after the copy', Date.now());
    interrupt(platform.running);
    await platform.running.ended();
    await platform.path.close();
    restoreDatabase(inject('data'));

    platform = await startPlatform(server.url);
    const before = await endOffsets(platform.path);
    await load(platform.path, nextRuns(1));
    expect(await answerOfRelay(platform.path)).toMatchObject({
      code: 'topic_ahead',
      message: expect.stringMatching(/restored from an older copy.*nothing more is published/),
    });
    expect(await endOffsets(platform.path)).toEqual(before);
  });
});

/** What a relay answers or throws; those that landing and the schedule woke may be at work still. */
function answerOfRelay({ steps }: Path): Promise<object> {
  return until('a relay that is not busy', 300, async () => {
    const call = steps.call<{ busy: boolean }>('relay', { pipeline: pipeline.name });
    const answer = await call.catch((error: StepFailure) => error);
    // As many at work as may be.
    if ('code' in answer && answer.code === 'backpressure') return undefined;
    return 'busy' in answer && answer.busy ? undefined : answer;
  });
}

/** Whoever writes into the folder finds it gone: file by file, it would not be empty when its turn comes. */
function removeAtOnce(folder: string): void {
  renameSync(folder, `${folder}.gone`);
  rmSync(`${folder}.gone`, { recursive: true });
}

const copyOf = (data: string) => `${databaseFolder(data)}.older`;

/** A cold copy: nobody runs PostgreSQL any more. What is left of a killed one ends by itself, a moment later. */
async function copyDatabase(data: string): Promise<void> {
  await until('PostgreSQL to be gone', 120, async () => processesIn(databaseFolder(data)).length === 0 || undefined);
  execFileSync('cp', ['-a', databaseFolder(data), copyOf(data)]);
}

function restoreDatabase(data: string): void {
  rmSync(databaseFolder(data), { recursive: true });
  renameSync(copyOf(data), databaseFolder(data));
}
