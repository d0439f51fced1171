import { describe, expect, it } from 'vitest';
import { type Ask, dockerProblem } from '../../../local/docker/preflight.ts';

const gb = 1024 ** 3;
const docker =
  (memory: string, compose: string, ok = true): Ask =>
  ([verb]) =>
    verb === 'info' ? { ok, said: memory } : { ok: compose !== '', said: compose };

describe('Docker', () => {
  it.each([
    ['is not there', () => undefined, /docker is not on the PATH.*npm run local/],
    [
      'has no daemon',
      docker('Cannot connect to the Docker daemon', '2.30.0', false),
      /daemon does not answer: Cannot connect.*npm run local/,
    ],
    ['has no Compose', docker(String(16 * gb), ''), /Compose: expected 2\.24 or newer, got none/],
    ['has a Compose that is too old', docker(String(16 * gb), 'v2.20.3'), /expected 2\.24 or newer, got v2\.20\.3/],
    ['has the first Compose', docker(String(16 * gb), '1.29.2'), /got 1\.29\.2/],
    [
      'has too little memory',
      docker(String(4 * gb), '2.30.0'),
      /Docker has 4\.0 GB of memory, expected at least 8.*--no-airflow/,
    ],
  ] as const)('that %s is said with what to do', (_, ask, expected) => {
    expect(dockerProblem('full', ask)).toMatch(expected);
  });

  it.each(['2.24.0', 'v2.30.1-desktop.1', '5.6.0'])('is enough with Compose %s', (version) => {
    expect(dockerProblem('full', docker(String(8 * gb), version))).toBeUndefined();
  });

  it('needs less memory for the path alone', () => {
    expect(dockerProblem('path', docker(String(6 * gb), '2.30.0'))).toBeUndefined();
  });
});
