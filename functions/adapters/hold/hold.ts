import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Hold } from '../../ports.ts';
import { isBucket, openBucket } from '../aws/bucket.ts';

/**
 * Port Hold at a folder or an s3:// prefix: a file that says until when no job may be started, because somebody is
 * changing the application that runs them.
 *
 *   hold.json = {"until": <ISO 8601>}
 */
export function holdAt(address: string): Hold {
  const read = isBucket(address)
    ? () => openBucket(address).read('hold.json')
    : () => readOrNothing(join(address, 'hold.json'));
  return {
    async until() {
      const text = await read();
      return text === undefined ? null : holdFile.parse(JSON.parse(text)).until;
    },
  };
}

const holdFile = z.object({ until: z.iso.datetime({ offset: true }).transform((text) => new Date(text)) });

/** Where the hold lies: beside the artifacts. */
export const controlBeside = (artifacts: string) => `${artifacts.replace(/\/[^/]*\/?$/, '')}/control`;

async function readOrNothing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
