import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../bundle.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { type Difference, differencesOf, type Facts, linesOf, problemsOf } from '../parity/facts.ts';
import { factsHere } from '../parity/here.ts';
import { factsOnAws } from '../parity/on-aws.ts';
import { openPath, type Path } from './path.ts';

const minutes = 60_000;

describe('The platform that runs here, and what a deploy of the same code would make', () => {
  const bundles = mkdtempSync(path.join(os.tmpdir(), 'millrace-parity-'));
  let running: Path;
  let here: Facts;
  let onAws: Facts;
  let differences: readonly Difference[];

  beforeAll(async () => {
    running = await openPath();
    await bundle({ outDir: bundles });
    here = await factsHere(running);
    onAws = factsOnAws('full', bundles);
    differences = differencesOf(here, onAws);
  }, 5 * minutes);
  afterAll(async () => {
    await running?.close();
    rmSync(bundles, { recursive: true, force: true });
  });

  it.each([
    ['topics', /^topic\/.*\/partitions$/, pipelines.length * 2],
    ['tables', /^table\/[^/]*\/key$/, pipelines.flatMap(({ tables }) => Object.keys(tables)).length],
    ['columns', /^table\/.*\/column\//, 40],
    ['calls of a schedule', /^instants\//, 3 * pipelines.length + 1],
    ['functions', /^function\/.*\/timeout$/, 7],
    ['files of functions', /^function\/.*\/file\/index:?\.cjs$/, 7],
    ['schemas', /^schema\//, pipelines.length],
  ])('have the same %s, and have some', (_, pattern, least) => {
    const ofBoth = [...here].filter(([fact, value]) => pattern.test(fact) && onAws.get(fact) === value);
    expect(ofBoth.length).toBeGreaterThanOrEqual(least);
    expect(differences.filter(({ fact }) => pattern.test(fact))).toEqual([]);
  });

  it('differ only in what docs/parity.md gives a reason for, and in all of that', () => {
    expect(problemsOf(differences, linesOf(readFileSync('docs/parity.md', 'utf8')))).toEqual([]);
  });
});
