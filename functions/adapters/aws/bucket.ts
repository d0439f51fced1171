import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PipelineError } from '../../../streaming/errors.ts';
import { lazily } from '../../once.ts';

/** Whether an address names a place in S3, and not a folder. */
export const isBucket = (address: string) => address.startsWith('s3://');

/** A prefix of a bucket in S3; keys are relative to it. */
export interface Bucket {
  write(key: string, text: string): Promise<void>;
  /** Undefined when there is no such object. */
  read(key: string): Promise<string | undefined>;
  /** Names before the next slash, of all that lies below. */
  folders(): Promise<readonly string[]>;
  removeAll(folder: string): Promise<void>;
}

const client = lazily(() => new S3Client());

/** Most objects that one request removes, and one page lists. */
const pageSize = 1000;

/** Opens `s3://bucket/prefix`; nothing is asked before the first call. */
export function openBucket(address: string, s3 = client): Bucket {
  const { hostname: name, pathname } = new URL(address);
  const prefix = pathname.replace(/^\/|\/$/g, '');
  const at = (key: string) => (prefix === '' ? key : `${prefix}/${key}`);
  const reach = <T>(call: (s3: S3Client) => Promise<T>) => reaching(address, () => call(s3()));
  return {
    write: (key, text) =>
      reach(async (s3) => void (await s3.send(new PutObjectCommand({ Bucket: name, Key: at(key), Body: text })))),
    read: (key) => reach((s3) => read(s3, name, at(key))),
    folders: () => reach((s3) => folders(s3, name, at(''))),
    removeAll: (folder) => reach((s3) => removeAll(s3, name, at(`${folder}/`))),
  };
}

/** Listed first: who may list only a prefix is told that an object which is not there is forbidden. */
async function read(s3: S3Client, Bucket: string, Key: string): Promise<string | undefined> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 }));
  if (Contents[0]?.Key !== Key) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}

async function folders(s3: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pages(s3, { Bucket, Prefix, Delimiter: '/' })) {
    for (const { Prefix: folder = '' } of page.CommonPrefixes ?? []) found.push(folder.slice(Prefix.length, -1));
  }
  return found;
}

async function removeAll(s3: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for await (const { Contents = [] } of pages(s3, { Bucket, Prefix })) {
    const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : { Key }));
    if (Objects.length === 0) continue;
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [failed] = Errors;
    if (failed) throw new Error(`${Errors.length} objects kept, such as ${failed.Key}: ${failed.Message}`);
  }
}

async function* pages(s3: S3Client, input: ListObjectsV2CommandInput) {
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ ...input, MaxKeys: pageSize, ContinuationToken }));
    yield page;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

async function reaching<T>(address: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const got = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new PipelineError(`${address}: expected an answer of S3, got ${got}; it is tried again`, {
      code: 'stream_unavailable',
      at: 'stream',
      retriable: true,
      cause,
    });
  }
}
