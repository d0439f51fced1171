import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fillOnce, folderName } from './cache.ts';
import { noteUse } from './cache-use.ts';
import { localstack, type Tools } from './components.ts';

/** What of a checkout uses it; the runner, which notes its own use, does not. */
const user = path.join(import.meta.dirname, '../../infra/rehearse');

interface Options {
  readonly cache: string;
  readonly tools: Omit<Tools, 'maven'>;
  readonly onDownload?: (megabytes: number) => void;
}

/** Installs LocalStack unless it is there; answers the Python that has it. */
export async function installLocalStack({ cache, tools, onDownload }: Options): Promise<string> {
  const all = { maven: '', ...tools };
  const name = folderName(localstack.name, localstack.lock(all));
  const folder = path.join(cache, name);
  if (!localstack.usable?.(folder)) {
    rmSync(folder, { recursive: true, force: true });
    onDownload?.(localstack.downloadMb);
  }
  mkdirSync(cache, { recursive: true });
  try {
    await fillOnce(folder, (partial) => localstack.fill(partial, all, () => undefined));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `LocalStack could not be installed. Check the network and your pip settings, then start again.\n${why}`,
      { cause },
    );
  }
  noteUse(cache, user, [name]);
  return path.join(folder, 'bin', 'python');
}
