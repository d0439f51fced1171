import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { httpLimits, httpSource } from '../../functions/adapters/source/http.ts';
import { sampleSource } from '../../functions/adapters/source/sample.ts';
import type { Source } from '../../functions/ports.ts';
import type { Definition, Paging } from '../../streaming/definition.ts';
import type { ErrorCode } from '../../streaming/errors.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { projectorOf } from '../../streaming/projection.ts';
import { type Fault, faults, gzipBomb } from '../source-server/faults.ts';
import { startSourceServer } from '../source-server/server.ts';
import { type Adapter, type Cases, casesOf, contract } from './contract.ts';

interface SourceUnderTest {
  readonly source: Source;
  /** The same adapter where there is nothing to give, and what it says then. */
  readonly nowhere: { readonly source: Source; readonly pipeline: Definition; readonly code: ErrorCode };
  /** The same adapter in a run whose time is over. */
  readonly late: Source;
  /** The next questions get these, one each. */
  misbehave(...next: readonly Fault[]): void;
  /** How often the server was asked so far. */
  asked(): number;
}

const window = { from: '2026-11-24T16:59:00.000Z', until: '2026-11-24T17:00:00.000Z' };
const ask = { seed: 'millrace-random-users-20261124T170000Z', page: 1, size: 20, ...window };
const keysOf = (records: readonly unknown[]) =>
  records.map((record) => (record as { login: { uuid: string } }).login.uuid);

async function page({ source }: Pick<SourceUnderTest, 'source'>, change: Partial<typeof ask> = {}) {
  return source.fetchPage(randomUsers, { ...ask, ...change });
}

const paged = (paging: Paging): Definition => ({ ...randomUsers, source: { ...randomUsers.source, paging } });

const otherSeed = 'gives other records for another seed';
const noTime = 'asks nobody when the time of the run is over';
const honest: Cases<SourceUnderTest> = {
  'gives as many records as were asked for': async (port) => {
    for (const size of [1, 20, 5000]) expect((await page(port, { size })).records).toHaveLength(size);
  },
  'gives the same records when the same page is asked again': async (port) => {
    expect(await page(port)).toEqual(await page(port));
  },
  'gives other records on another page': async (port) => {
    const keys = [...keysOf((await page(port)).records), ...keysOf((await page(port, { page: 2 })).records)];
    expect(new Set(keys).size).toBe(2 * ask.size);
  },
  [otherSeed]: async (port) => {
    const keys = [...keysOf((await page(port)).records), ...keysOf((await page(port, { seed: 'another' })).records)];
    expect(new Set(keys).size).toBe(2 * ask.size);
  },
  'gives records that have all that the definition names': async (port) => {
    const projected = (await page(port, { size: 1000 })).records.map(projectorOf(randomUsers));
    expect(projected.filter(({ ok }) => !ok)).toEqual([]);
  },
  'never says that a page is the last when plans are closed by their count': async (port) => {
    expect((await page(port)).last).toBe(false);
  },
  'says of a whole answer that it is the last': async ({ source }) => {
    expect(await source.fetchPage(paged('whole'), ask)).toMatchObject({ last: true });
  },
  'says of a full page of a window that more may come': async ({ source }) => {
    expect(await source.fetchPage(paged('window'), ask)).toMatchObject({ last: false });
  },
  'fails the run, at the source, when there is nothing to ask': async ({ nowhere }) => {
    const failing = nowhere.source.fetchPage(nowhere.pipeline, ask);
    await expect(failing).rejects.toMatchObject({ name: 'PipelineError', at: 'source', code: nowhere.code });
  },
  [noTime]: async (port) => {
    const before = port.asked();
    await expect(page({ source: port.late })).rejects.toMatchObject({ at: 'source', retriable: true });
    expect(port.asked()).toBe(before);
  },
};

type Lie = readonly [name: string, fault: Fault, code: ErrorCode, retriable: boolean, message: RegExp];
const lies: readonly Lie[] = [
  ['status 404', faults.notFound, 'source_refused', false, /status 200, got 404/],
  ['a redirect', faults.redirect, 'source_refused', false, /got 302; redirects are not followed/],
  ['an error with status 200', faults.errorInside, 'source_refused', true, /Uh oh/],
  ['an HTML page', faults.htmlPage, 'source_bad_answer', true, /got an HTML page/],
  ['HTML that says it is JSON', faults.htmlSaidJson, 'source_bad_answer', true, /got an HTML page/],
  ['JSON that says it is text', faults.plainText, 'source_bad_answer', true, /content type text\/plain/],
  ['truncated JSON', faults.truncated, 'source_bad_answer', true, /not JSON, or not all of it/],
  ['nothing', faults.noBytes, 'source_bad_answer', true, /0 bytes that are not JSON/],
  ['no list of records', faults.noList, 'source_bad_answer', true, /a list at results, got nothing there/],
  ['an object for the list', faults.wrongType, 'source_bad_answer', true, /got something else \(object\)/],
  ['a number', faults.notAnObject, 'source_bad_answer', true, /a list at results, got nothing there/],
  ['more records than asked', faults.tooMany, 'source_bad_answer', true, /at most 20 records, got 21/],
  ['deep JSON', faults.deep, 'source_bad_answer', true, /nested at most 32 deep/],
  ['a gzip bomb', gzipBomb(), 'source_bad_answer', false, /at most 16777216 bytes after decompression/],
  ['an empty list', faults.noResults, 'source_empty', true, /expected 20 records, got none/],
];

const believed = casesOf<Lie, SourceUnderTest>(
  (name) => `believes no ${name}: the run fails with its reason, at once`,
  lies,
  async (port, [, fault, code, retriable, message]) => {
    port.misbehave(fault);
    const before = port.asked();
    const failure = { code, retriable, at: 'source', message: expect.stringMatching(message) };
    await expect(page(port)).rejects.toMatchObject(failure);
    expect(port.asked()).toBe(before + 1);
  },
);

type Passing = readonly [name: string, fault: Fault, code: ErrorCode];
const passing: readonly Passing[] = [
  ['429', faults.quota, 'source_refused'],
  ['500', faults.broken, 'source_unreachable'],
  ['503', faults.unavailable, 'source_unreachable'],
  ['a cut body', faults.cut, 'source_unreachable'],
  ['a reset connection', faults.reset, 'source_unreachable'],
  ['a slow answer', { kind: 'slow', delayMs: 6000 }, 'source_unreachable'],
];

const repeated = casesOf<Passing, SourceUnderTest>(
  (name) => `asks again after ${name}`,
  passing,
  async (port, [, fault]) => {
    port.misbehave(fault, fault);
    const before = port.asked();
    expect((await page(port)).records).toHaveLength(20);
    expect(port.asked()).toBe(before + 3);
  },
);

const givenUp = casesOf<Passing, SourceUnderTest>(
  (name) => `gives up after ${name} five times, and a later run may try`,
  passing,
  async (port, [, fault, code]) => {
    port.misbehave(fault, fault, fault, fault, fault);
    const before = port.asked();
    await expect(page(port)).rejects.toMatchObject({ code, retriable: true });
    expect(port.asked()).toBe(before + 5);
  },
);

const limits = { ...httpLimits, firstPauseMs: 1, longestPauseMs: 1500 };
/** Only where the server is slow: on a busy machine an honest answer takes its time too. */
const impatient = { requestMs: 3000 };
const noEnd = new AbortController().signal;

const http: Adapter<SourceUnderTest> = {
  name: 'http, against a hostile server',
  notSupported: { [otherSeed]: 'the test server serves its recorded people in their order, whatever the seed' },
  open: async () => {
    const server = await startSourceServer();
    const isSlow = () => server.faults.some(({ kind }) => kind === 'slow');
    const to = (url: string, signal = noEnd) =>
      httpSource(url, signal, { ...limits, ...(isSlow() && impatient), retries: url === server.url ? 4 : 0 });
    const source: Source = { fetchPage: (pipeline, asked) => to(server.url).fetchPage(pipeline, asked) };
    const nowhere = { source: to('http://127.0.0.1:1/'), pipeline: randomUsers, code: 'source_unreachable' } as const;
    const port = {
      source,
      nowhere,
      late: to(server.url, AbortSignal.abort()),
      misbehave: (...next: readonly Fault[]) => void server.faults.push(...next),
      asked: () => server.requests.length,
    };
    return { port, close: server.stop };
  },
};

const noServer = 'its records come from our own code, not over a network';
const sample: Adapter<SourceUnderTest> = {
  name: 'sample',
  notSupported: Object.fromEntries(
    [noTime, ...Object.keys({ ...believed, ...repeated, ...givenUp })].map((what) => [what, noServer]),
  ),
  open: async () => {
    const taskRoot = mkdtempSync(join(tmpdir(), 'millrace-sample-'));
    mkdirSync(join(taskRoot, 'samples'));
    await build({
      entryPoints: [join(import.meta.dirname, '../../streaming/pipelines/random-users/sample.ts')],
      outfile: join(taskRoot, 'samples', 'random-users.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    const source = sampleSource(taskRoot);
    const nobody = { ...randomUsers, name: 'nobody' };
    const port = {
      source,
      nowhere: { source, pipeline: nobody, code: 'bad_request' as const },
      late: source,
      misbehave: () => undefined,
      asked: () => 0,
    };
    return { port, close: async () => rmSync(taskRoot, { recursive: true }) };
  },
};

contract({ ...honest, ...believed, ...repeated, ...givenUp }, [http, sample]);
