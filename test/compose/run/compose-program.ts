import path from 'node:path';
import { fillOnce, folderName } from '../../../local/install/cache.ts';
import { runTool } from '../../../local/install/tool.ts';
import type { Around } from './around.ts';

/** The newest that Go 1.26 builds. */
const version = 'v5.6.0';
const program = 'github.com/docker/compose/v5/cmd';

/** Docker Compose itself, built once: minutes, and as many processors as there are. */
export async function composeProgram(cache: string, { env, signal }: Around): Promise<string> {
  const folder = path.join(cache, folderName('compose-program', [version]));
  await fillOnce(folder, async (cwd) => {
    const go = (...args: string[]) => runTool({ command: 'go', args, env, cwd, signal });
    await go('mod', 'init', 'millrace');
    await go('get', '-tool', `${program}@${version}`);
    await go('build', '-o', 'docker-compose', program);
  });
  return path.join(folder, 'docker-compose');
}
