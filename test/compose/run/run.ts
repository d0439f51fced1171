import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { endWith } from '../../../local/commands/end.ts';
import { untilInterrupted } from '../../../local/commands/interrupt.ts';
import { cacheFolder } from '../../../local/install/cache.ts';
import type { Around } from './around.ts';
import { killedKafka, nothingLeft, pathTests } from './checks.ts';
import { composeProgram } from './compose-program.ts';
import { containers } from './containers.ts';
import { startEngine } from './engine.ts';
import { megabytesOf, millraceImage, type Place, standIns } from './images.ts';
import { requireMachine } from './machine.ts';

const airflowServices = ['airflow-api', 'airflow-scheduler', 'airflow-dags'];

interface Options {
  readonly install: boolean;
  readonly keep: boolean;
  readonly airflow: boolean;
}

const command = new Command('npm run test:compose --')
  .description(
    "Runs local/compose.yaml by Docker Compose on podman, with our own image and stand-ins of the servers' official " +
      'ones, and the tests of the path on it. As root, on Debian 12 (docs/containers.md).',
  )
  .option('--install', "installs what is missing of apt's packages; they stay", false)
  .option('--airflow', 'Airflow as well, in an image of about 1 GB', false)
  .option('--keep', 'keeps the images in the cache folder for the next time, about 5 GB', false)
  .showHelpAfterError();

async function main(): Promise<number> {
  const { install, keep, airflow } = command.parse().opts<Options>();
  const signal = untilInterrupted();
  const around: Around = { env: process.env, say: (line) => console.log(line), signal };
  await requireMachine(install, around);
  const cache = cacheFolder(process.env, process.platform, os.homedir());
  const program = await part('Compose', around, () => composeProgram(cache, around));
  const engine = await startEngine(path.join(cache, 'compose-storage'), around);
  try {
    await proveCompose(program, { ...around, cache, engine }, airflow);
    return 0;
  } catch (error) {
    // Here, because what is cleaned up may fail too.
    around.say(signal.aborted ? 'Interrupted.' : messageOf(error));
    return 1;
  } finally {
    await engine.stop({ keepsImages: keep });
  }
}

async function proveCompose(program: string, place: Place, airflow: boolean): Promise<void> {
  const { engine } = place;
  const images = await part('stand-ins', place, () => standIns(place, { airflow }));
  const ours = await part('millrace', place, () => millraceImage(place, images));
  place.say(`        the image has ${await megabytesOf(engine.ask, ours)} MB`);
  const up = containers(program, engine, { ...images, ...ours }, place);
  try {
    // What Airflow needs is all of the path.
    await part('up', place, () => up.start('up', '--detach', ...(airflow ? airflowServices : [])));
    await part('path', place, () => pathTests(up, place));
    await part('kill', place, () => killedKafka(up, place));
    await part('down', place, () => nothingLeft(up, engine.ask));
  } catch (error) {
    if (!place.signal.aborted) for (const line of await engine.troubles()) place.say(line);
    throw error;
  } finally {
    up.remove();
  }
}

/** One part of the run, and how long it took. */
async function part<T>(name: string, { say, signal }: Around, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const started = performance.now();
  const secondsSoFar = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
  try {
    const done = await work();
    say(`ok      ${name.padEnd(10)} ${secondsSoFar()}`);
    return done;
  } catch (error) {
    say(`failed  ${name.padEnd(10)} ${secondsSoFar()}`);
    throw error;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

await endWith(main);
