import type { Artifacts } from '../../ports.ts';
import { isBucket, openBucket } from '../aws/bucket.ts';
import { folderArtifacts } from './folder.ts';

/** Port Artifacts at a folder or an s3:// prefix, where an object as well appears whole or not at all. */
export function artifactsAt(address: string): Artifacts {
  if (!isBucket(address)) return folderArtifacts(address);
  const bucket = openBucket(address);
  return { write: (name, text) => bucket.write(name, text) };
}
