import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { artifactsAt } from '../../functions/adapters/artifacts/artifacts.ts';
import { checkpointsAt } from '../../functions/adapters/checkpoints/checkpoints.ts';
import { controlBeside, holdAt } from '../../functions/adapters/hold/hold.ts';
import { type Adapter, type Cases, contract } from './contract.ts';
import { startMoto } from './moto.ts';

/** What the Spark job reads and leaves, in a folder or in S3: artifacts, checkpoints, and the hold beside them. */
interface FilesUnderTest {
  /** A place that nothing else uses. */
  place(): string;
  /** Behind the adapters' back: by names below the place. */
  put(place: string, name: string, text: string): Promise<void>;
  get(place: string, name: string): Promise<string>;
  names(place: string): Promise<readonly string[]>;
}

const artifacts: Cases<FilesUnderTest> = {
  'keeps an artifact as it was written, over what was there, and nothing else': async (files) => {
    const place = files.place();
    await artifactsAt(place).write('schemas/1.avsc', 'old');
    await artifactsAt(`${place}/`).write('schemas/1.avsc', '{"é": 1}\n');
    expect(await files.get(place, 'schemas/1.avsc')).toBe('{"é": 1}\n');
    expect(await files.names(place)).toEqual(['schemas/1.avsc']);
  },
};

const checkpoints: Cases<FilesUnderTest> = {
  'removes the checkpoints of older generations with all that is in them, and nothing else': async (files) => {
    const place = files.place();
    const kept = ['10/people/offsets/0', '11/people/offsets/0', '007/x', 'notes/9/x'];
    for (const name of ['2/people/metadata', '9/people/offsets/0', '9/visits/commits/1', ...kept])
      await files.put(place, name, '{}');
    expect(await checkpointsAt(place).removeBefore(10)).toEqual([2, 9]);
    expect([...(await files.names(place))].sort()).toEqual([...kept].sort());
  },
  'removes more than one page of files': async (files) => {
    const place = files.place();
    const names = Array.from({ length: 1005 }, (_, index) => `1/people/offsets/${index}`);
    for (let from = 0; from < names.length; from += 50) {
      await Promise.all(names.slice(from, from + 50).map((name) => files.put(place, name, '{}')));
    }
    expect(await checkpointsAt(place).removeBefore(2)).toEqual([1]);
    expect(await files.names(place)).toEqual([]);
  },
  'is content when no job has left a checkpoint yet': async (files) => {
    expect(await checkpointsAt(files.place()).removeBefore(3)).toEqual([]);
  },
};

const holds: Cases<FilesUnderTest> = {
  'is not held when nobody says so': async (files) => {
    expect(await holdAt(files.place()).until()).toBeNull();
  },
  'is not held by a file that is only named alike': async (files) => {
    const place = files.place();
    await files.put(place, 'hold.json.part', '{}');
    expect(await holdAt(place).until()).toBeNull();
  },
  'is held until the time in the file': async (files) => {
    const place = files.place();
    await files.put(place, 'hold.json', '{"until": "2026-11-24T18:30:00+01:00", "because": "of a test"}');
    expect(await holdAt(place).until()).toEqual(new Date('2026-11-24T17:30:00Z'));
  },
  'does not go on over a hold that it cannot read': async (files) => {
    const place = files.place();
    await files.put(place, 'hold.json', '{"until": "tomorrow"}');
    await expect(holdAt(place).until()).rejects.toThrow('until');
  },
  'is held beside the artifacts': async (files) => {
    const place = files.place();
    await files.put(place, 'control/hold.json', '{"until": "2026-11-24T17:30:00Z"}');
    for (const address of [`${place}/artifacts`, `${place}/artifacts/`])
      expect(await holdAt(controlBeside(address)).until()).not.toBeNull();
  },
};

const folder: Adapter<FilesUnderTest> = {
  name: 'a folder',
  open: async () => {
    const root = await mkdtemp(join(tmpdir(), 'millrace-files-'));
    let places = 0;
    const port: FilesUnderTest = {
      place: () => join(root, String(++places)),
      async put(place, name, text) {
        await mkdir(dirname(join(place, name)), { recursive: true });
        await writeFile(join(place, name), text);
      },
      get: (place, name) => readFile(join(place, name), 'utf8'),
      async names(place) {
        const found = await readdir(place, { recursive: true, withFileTypes: true });
        return found
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
      },
    };
    return { port, close: () => rm(root, { recursive: true }) };
  },
};

const s3: Adapter<FilesUnderTest> = {
  name: 'S3, played by moto',
  open: async () => {
    const moto = await startMoto();
    // As on Lambda: region, credentials and address come from the environment.
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'contract',
      AWS_SECRET_ACCESS_KEY: 'contract',
      AWS_ENDPOINT_URL_S3: moto.url,
    });
    const client = new S3Client();
    const Bucket = 'contract';
    await client.send(new CreateBucketCommand({ Bucket }));
    let places = 0;
    const keyOf = (place: string, name: string) => `${place.slice(`s3://${Bucket}/`.length)}/${name}`;
    const port: FilesUnderTest = {
      place: () => `s3://${Bucket}/place-${++places}`,
      put: async (place, name, Body) =>
        void (await client.send(new PutObjectCommand({ Bucket, Key: keyOf(place, name), Body }))),
      get: async (place, name) =>
        (await (
          await client.send(new GetObjectCommand({ Bucket, Key: keyOf(place, name) }))
        ).Body?.transformToString()) ?? '',
      async names(place) {
        const Prefix = keyOf(place, '');
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
        return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
      },
    };
    const close = async () => {
      client.destroy();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      await moto.stop();
    };
    return { port, close };
  },
};

contract({ ...artifacts, ...checkpoints, ...holds }, [folder, s3]);
