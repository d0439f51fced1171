import os from 'node:os';
import { cacheFolder } from '../../local/install/cache.ts';
import { checkPrerequisites } from '../../local/prerequisites.ts';
import { installJars } from '../stream/jars/install.ts';

/**
 * Prints where the archive of the Spark job's jars lies; `cdk deploy` asks for it when the bucket has not got it yet.
 * Synthesizing needs neither the network nor Maven.
 */
const { programs, all } = checkPrerequisites({ env: process.env, folders: [] });
if (programs === undefined) {
  const missing = all.filter(({ ok }) => !ok).map(({ name, needed, howToGet }) => `${name} ${needed}: ${howToGet}`);
  throw new Error(`The jars of the Spark job come by Maven. Missing here:\n${missing.join('\n')}`);
}
const cache = cacheFolder(process.env, process.platform, os.homedir());
const { archive } = await installJars(cache, { maven: programs.maven, env: process.env });
process.stdout.write(`${archive}\n`);
