import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedAddress, httpLimits, httpSource } from '../../../../functions/adapters/source/http.ts';
import { sourceFor } from '../../../../functions/adapters/source/source.ts';
import type { ErrorCode, PipelineError } from '../../../../streaming/errors.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { type Fault, faults, gzipBomb } from '../../../source-server/faults.ts';
import { type SourceServer, startSourceServer } from '../../../source-server/server.ts';

const limits = { ...httpLimits, firstPauseMs: 1, longestPauseMs: 1500, requestMs: 400 };
const ask = { seed: 'test', page: 1, size: 20 };
const noEnd = new AbortController().signal;

let server: SourceServer;
beforeAll(async () => {
  server = await startSourceServer();
});
beforeEach(() => {
  server.faults.length = 0;
});
afterAll(() => server.stop());

const fetchPage = (signal = noEnd) => httpSource(server.url, signal, limits).fetchPage(randomUsers, ask);
const failureOf = (page: Promise<unknown>): Promise<PipelineError> =>
  page.then(
    () => expect.unreachable('the page was believed'),
    (error) => error,
  );

describe('An honest answer', () => {
  it('is a page of the records asked for', async () => {
    const page = await fetchPage();
    expect(page.records).toHaveLength(20);
    expect(page.records).toEqual(server.served.slice(-20).map(({ record }) => record));
  });

  it('is asked for with what the definition says', async () => {
    await fetchPage();
    expect(server.requests.at(-1)).toBe('?seed=test&page=1&results=20');
  });

  it('of 5000 people fits the limit on size', async () => {
    const page = await httpSource(server.url, noEnd).fetchPage(randomUsers, { ...ask, size: 5000 });
    expect(page.records).toHaveLength(5000);
  });
});

const hostile: [name: string, fault: Fault, code: ErrorCode, retriable: boolean, message: RegExp][] = [
  ['status 404', faults.notFound, 'source_refused', false, /status 200, got 404/],
  ['a redirect', faults.redirect, 'source_refused', false, /got 302; redirects are not followed/],
  ['an error with status 200', faults.errorInside, 'source_refused', true, /Uh oh/],
  ['an HTML page', faults.htmlPage, 'source_bad_answer', true, /got an HTML page/],
  ['HTML that says it is JSON', faults.htmlSaidJson, 'source_bad_answer', true, /got an HTML page/],
  ['JSON that says it is text', faults.plainText, 'source_bad_answer', true, /content type text\/plain/],
  ['truncated JSON', faults.truncated, 'source_bad_answer', true, /not JSON, or not all of it/],
  ['nothing', faults.noBytes, 'source_bad_answer', true, /0 bytes that are not JSON/],
  ['no list of records', faults.noList, 'source_bad_answer', true, /a list at results, got nothing there/],
  [
    'an object for the list',
    faults.wrongType,
    'source_bad_answer',
    true,
    /a list at results, got something else \(object\)/,
  ],
  ['a number', faults.notAnObject, 'source_bad_answer', true, /a list at results, got nothing there/],
  ['more records than asked', faults.tooMany, 'source_bad_answer', true, /at most 20 records, got 21/],
  ['deep JSON', faults.deep, 'source_bad_answer', true, /nested at most 32 deep/],
  ['a gzip bomb', gzipBomb(), 'source_bad_answer', false, /at most 16777216 bytes after decompression/],
  ['an empty list', faults.noResults, 'source_empty', true, /expected 20 records, got none/],
];

describe('A lying answer', () => {
  it.each(hostile)('%s fails the run with its reason, at once', async (_name, fault, code, retriable, message) => {
    server.faults.push(fault);
    const asked = server.requests.length;
    const failure = await failureOf(fetchPage());
    expect(failure).toMatchObject({ code, retriable, at: 'source', message: expect.stringMatching(message) });
    expect(server.requests).toHaveLength(asked + 1);
  });

  it('without records is a fact when the definition allows it', async () => {
    server.faults.push(faults.noResults);
    const pipeline = { ...randomUsers, source: { ...randomUsers.source, empty: 'allowed' as const } };
    const page = await httpSource(server.url, noEnd, limits).fetchPage(pipeline, ask);
    expect(page.records).toEqual([]);
  });

  it('is not quoted in the error, because it may name people', async () => {
    server.faults.push(faults.truncated);
    const { message, cause } = await failureOf(fetchPage());
    expect(`${message} ${String(cause)}`).not.toMatch(/jesualdo|harper/i);
  });
});

const passing: [name: string, fault: Fault, code: ErrorCode][] = [
  ['429', faults.quota, 'source_refused'],
  ['500', faults.broken, 'source_unreachable'],
  ['503', faults.unavailable, 'source_unreachable'],
  ['a cut body', faults.cut, 'source_unreachable'],
  ['a reset connection', faults.reset, 'source_unreachable'],
  ['a slow answer', { kind: 'slow', delayMs: 600 }, 'source_unreachable'],
];

describe('A failure that may pass', () => {
  it.each(passing)('%s is asked again', async (_name, fault) => {
    server.faults.push(fault, fault);
    const asked = server.requests.length;
    expect((await fetchPage()).records).toHaveLength(20);
    expect(server.requests).toHaveLength(asked + 3);
  });

  it.each(passing)('%s fails the run after four retries', async (_name, fault, code) => {
    server.faults.push(fault, fault, fault, fault, fault, fault);
    const asked = server.requests.length;
    expect(await failureOf(fetchPage())).toMatchObject({ code, retriable: true });
    expect(server.requests).toHaveLength(asked + 5);
  });

  it('waits as long as Retry-After says', async () => {
    server.faults.push(faults.quotaOneSecond);
    const started = performance.now();
    await fetchPage();
    expect(performance.now() - started).toBeGreaterThan(980);
  });

  it('is left to a later run when Retry-After asks for more than a run can wait', async () => {
    server.faults.push(faults.quotaOneHour);
    const asked = server.requests.length;
    expect(await failureOf(fetchPage())).toMatchObject({ code: 'source_refused', retriable: true });
    expect(server.requests).toHaveLength(asked + 1);
  });

  it('is not asked again when the time of the run is over', async () => {
    server.faults.push(faults.quotaOneSecond);
    const asked = server.requests.length;
    const failure = await failureOf(fetchPage(AbortSignal.timeout(100)));
    expect(failure).toMatchObject({ code: 'source_refused', message: expect.stringMatching(/no time was left/) });
    expect(server.requests).toHaveLength(asked + 1);
  });

  it('says that nobody listens', async () => {
    const gone = await startSourceServer({ people: [] });
    await gone.stop();
    const source = httpSource(gone.url, noEnd, { ...limits, retries: 0 });
    const failure = await failureOf(source.fetchPage(randomUsers, ask));
    expect(failure).toMatchObject({ code: 'source_unreachable', message: expect.stringMatching(/ECONNREFUSED/) });
  });
});

describe('An address', () => {
  it.each(['https://randomuser.me/api/1.4/', 'http://127.0.0.1:19800/api/', 'http://localhost:1/', 'http://[::1]:1/'])(
    '%s is accepted',
    (address) => expect(checkedAddress(address).href).toBe(address),
  );

  it.each([
    'http://randomuser.me/api/',
    'http://127.0.0.1.example.com/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'https://user:secret@randomuser.me/',
    'nonsense',
  ])('%s is refused without repeating a password', (address) => {
    expect(() => checkedAddress(address)).toThrow(expect.objectContaining({ code: 'bad_request', retriable: false }));
    expect(() => checkedAddress(address)).not.toThrow(/secret/);
  });

  it('of a plan stands in for the live one', async () => {
    const source = sourceFor(server.url, randomUsers, { taskRoot: '.', signal: noEnd });
    expect((await source.fetchPage(randomUsers, ask)).records).toHaveLength(20);
  });
});
