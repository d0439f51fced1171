import { crc32 } from 'node:zlib';

/** Which partition a key belongs to: fixed here, so that a client library's default can never move keys about. */
export function partitionOf(key: Buffer, partitions: number): number {
  return crc32(key) % partitions;
}
