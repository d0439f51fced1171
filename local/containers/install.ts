import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle } from '../../bundle.ts';
import { components } from '../install/components.ts';

/** While the image is built: what the runner's jobs need, from the locks, and the bundles. */
const places = { stream: '/opt/stream', spark: '/opt/spark-jars' } as const;

const tools = {
  maven: 'mvn',
  python: 'python3',
  pythonVersion: '3.11',
  env: { PATH: '/usr/bin:/bin', HOME: os.homedir() },
};

for (const [name, folder] of Object.entries(places)) {
  const component = components.find((known) => known.name === name);
  if (component === undefined) throw new Error(`expected a component ${name}`);
  console.log(`${component.what} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  await component.fill(folder, tools, () => undefined);
}
await bundle({ outDir: path.join(import.meta.dirname, '../../bundles') });
