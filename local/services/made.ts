import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fillOnce } from '../install/cache.ts';
import { runTool } from '../install/tool.ts';
import type { Service } from '../supervisor/service.ts';
import { serverEnv, writeConfig } from './setting.ts';

/** Configuration by path. */
export type Files = Readonly<Record<string, string>>;

/** What a server's folder is made with, while it has none. */
export interface Birth {
  readonly folder: string;
  /** What fills a partial folder, which bears the right name only when it is whole; nothing for an empty one. */
  readonly fill?: (partial: string) => {
    readonly command: string;
    readonly args: readonly string[];
    readonly files: Files;
  };
}

/**
 * What a server needs before its process starts, as data: the runner makes it here, and the containers, which hold the
 * server's own programs, from a script.
 */
export interface Made {
  readonly files: Files;
  readonly birth: Birth;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** A server of the path. */
export interface Server extends Service {
  readonly made: Made;
}

/** Makes it on this machine; does nothing when all is there. */
export async function make({ files, birth, owner }: Made): Promise<void> {
  writeFor(files, owner);
  const { folder, fill } = birth;
  if (fill === undefined) return void mkdirSync(folder, { recursive: true });
  await fillOnce(folder, async (partial) => {
    if (owner) chownSync(partial, owner.uid, owner.gid);
    const { command, args, files: once } = fill(partial);
    writeFor(once, owner);
    try {
      await runTool({ command, args, env: serverEnv, cwd: path.dirname(folder), ...owner });
    } finally {
      for (const file of Object.keys(once)) rmSync(file, { force: true });
    }
  });
}

/** Anew each time: only its owner may replace the file of another user. */
function writeFor(files: Files, owner: Made['owner']): void {
  for (const [file, text] of Object.entries(files)) {
    if (existsSync(file)) rmSync(file);
    writeConfig(file, text);
    if (owner) chownSync(file, owner.uid, owner.gid);
  }
}
