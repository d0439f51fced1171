import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archivesIn, mavenMeter } from '../../../local/install/fetched.ts';

describe('mavenMeter', () => {
  it.each([
    [
      'a file that came',
      'Downloaded from central: https://host/a/kafka-4.1.2.jar (5.0 MB at 9 MB/s)',
      5,
      'kafka-4.1.2.jar',
    ],
    [
      'the same with a prefix',
      '[INFO] Downloaded from m: https://host/a/app.tar.gz (142 MB at 3.1 MB/s)',
      142,
      'app.tar.gz',
    ],
    ['a small file', 'Downloaded from central: https://host/a/b-1.jar (500 kB at 9 kB/s)', 0.5, 'b-1.jar'],
    [
      'a description, whose name is not worth telling',
      'Downloaded from central: https://host/a/b-1.pom (2.0 kB at 9 kB/s)',
      0.002,
      undefined,
    ],
    ['a file under way', 'Progress (1): 4.1/18 MB', 4.1, undefined],
    ['a file of unknown length', 'Progress (1): 18 kB   ', 0.018, undefined],
    ['several under way', 'Progress (3): 0.5/2.1 MB | 250/910 kB | 1.25/9.8 MB', 2, undefined],
  ])('counts %s', (_, line, megabytes, file) => {
    const fetched = mavenMeter()(line);
    expect(fetched?.megabytes).toBeCloseTo(megabytes, 6);
    expect(fetched?.file).toBe(file);
  });

  it.each(['[INFO] BUILD SUCCESS', 'Downloading from central: https://host/a/b-1.jar', ''])(
    'says nothing of: %s',
    (line) => {
      expect(mavenMeter()(line)).toBeUndefined();
    },
  );

  it('adds what is under way to what is whole', () => {
    const meter = mavenMeter();
    meter('Downloaded from central: https://host/a/b-1.jar (2.0 MB at 9 MB/s)');
    meter('Progress (1): 0.9/3.0 MB');
    expect(meter('Progress (1): 1.0/3.0 MB')).toEqual({ megabytes: 3 });
  });
});

describe('archivesIn', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-fetched-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("counts archives in pip's folders, and names the newest", () => {
    mkdirSync(path.join(folder, 'pip-unpack-1'));
    writeFileSync(path.join(folder, 'pip-unpack-1', 'pyspark.tar.gz'), Buffer.alloc(3_000_000));
    writeFileSync(path.join(folder, 'notes.txt'), Buffer.alloc(1_000_000));
    expect(archivesIn(folder)).toEqual({ megabytes: 3, file: 'pyspark.tar.gz' });
  });

  it('is nothing at the beginning, and when pip has cleaned up', () => {
    expect(archivesIn(folder)).toEqual({ megabytes: 0 });
    expect(archivesIn(path.join(folder, 'gone'))).toEqual({ megabytes: 0 });
  });
});
