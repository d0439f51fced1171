import type { Checkpoints } from '../../ports.ts';
import { isBucket, openBucket } from '../aws/bucket.ts';
import { folderCheckpoints, generationsBefore } from './folder.ts';

/** Port Checkpoints at a folder or an s3:// prefix. */
export function checkpointsAt(address: string): Checkpoints {
  if (!isBucket(address)) return folderCheckpoints(address);
  const bucket = openBucket(address);
  return {
    async removeBefore(generation) {
      const old = generationsBefore(generation, await bucket.folders());
      for (const each of old) await bucket.removeAll(String(each));
      return old;
    },
  };
}
