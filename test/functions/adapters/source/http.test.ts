import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedAddress, httpLimits, httpSource } from '../../../../functions/adapters/source/http.ts';
import { sourceFor } from '../../../../functions/adapters/source/source.ts';
import type { HttpSource } from '../../../../streaming/definition.ts';
import type { PipelineError } from '../../../../streaming/errors.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { faults } from '../../../source-server/faults.ts';
import { type SourceServer, startSourceServer } from '../../../source-server/server.ts';

const limits = { ...httpLimits, firstPauseMs: 1, longestPauseMs: 1500 };
const window = { from: '2026-11-24T16:59:00.000Z', until: '2026-11-24T17:00:00.000Z' };
const ask = { seed: 'test', page: 1, size: 20, ...window };
const noEnd = new AbortController().signal;

let server: SourceServer;
beforeAll(async () => {
  server = await startSourceServer();
});
beforeEach(() => {
  server.faults.length = 0;
});
afterAll(() => server.stop());

const fetchPage = (signal = noEnd, source: HttpSource = randomUsers.source, page = 1) =>
  httpSource(server.url, signal, limits).fetchPage({ ...randomUsers, source }, { ...ask, page });
const failureOf = (page: Promise<unknown>): Promise<PipelineError> =>
  page.then(
    () => expect.unreachable('the page was believed'),
    (error) => error,
  );

describe('An answer', () => {
  it('is asked for with what the definition says', async () => {
    await fetchPage();
    expect(server.requests.at(-1)).toBe('?seed=test&page=1&results=20');
  });

  it('without records is a fact when the definition allows it', async () => {
    server.faults.push(faults.noResults);
    expect(await fetchPage(noEnd, { ...randomUsers.source, empty: 'allowed' })).toEqual({ records: [], last: false });
  });

  it('without a body, by its status, is one without records', async () => {
    server.faults.push(faults.noContent);
    expect(await fetchPage(noEnd, { ...randomUsers.source, empty: 'allowed' })).toEqual({ records: [], last: false });
  });

  it('without a body is a failed run where no records are no fact', async () => {
    server.faults.push(faults.noContent);
    expect(await failureOf(fetchPage())).toMatchObject({ code: 'source_empty' });
  });

  it.each([
    ['one record fewer than asked for', true, 19],
    ['no record', true, 0],
    ['as many records as asked for', false, 20],
  ])('to a window with %s is the last: %s', async (_what, last, records) => {
    server.faults.push({ kind: 'body', body: JSON.stringify({ results: Array(records).fill({}) }) });
    expect(await fetchPage(noEnd, { ...randomUsers.source, paging: 'window', empty: 'allowed' })).toMatchObject({
      last,
    });
  });

  it('to a window may be empty after a full page, also where a window may not', async () => {
    const source = { ...randomUsers.source, paging: 'window' as const };
    server.faults.push(faults.noResults, faults.noResults);
    expect(await fetchPage(noEnd, source, 2)).toEqual({ records: [], last: true });
    expect(await failureOf(fetchPage(noEnd, source, 1))).toMatchObject({ code: 'source_empty' });
  });

  it('may be the list itself', async () => {
    server.faults.push({ kind: 'body', body: '[{},{}]' });
    const page = await fetchPage(noEnd, { ...randomUsers.source, records: '.', paging: 'whole' });
    expect(page).toEqual({ records: [{}, {}], last: true });
  });

  it.each([
    ['{"results":[]}', 'source_bad_answer', 'expected a list, got something else (object)'],
    ['{"error":"closed"}', 'source_refused', 'got the error "closed"'],
  ])('that should be the list itself is not believed when it is %s', async (body, code, said) => {
    server.faults.push({ kind: 'body', body });
    const failure = await failureOf(fetchPage(noEnd, { ...randomUsers.source, records: '.' }));
    expect(failure).toMatchObject({ code, message: expect.stringContaining(said) });
  });

  it('is not quoted in the error, because it may name people', async () => {
    server.faults.push(faults.truncated);
    const { message, cause } = await failureOf(fetchPage());
    expect(`${message} ${String(cause)}`).not.toMatch(/jesualdo|harper/i);
  });
});

describe('A failure that may pass', () => {
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
    server.faults.push({ ...faults.quotaOneSecond, headers: { 'retry-after': '60' } });
    const asked = server.requests.length;
    const run = new AbortController();
    const failing = failureOf(
      httpSource(server.url, run.signal, { ...limits, longestPauseMs: 60_000 }).fetchPage(randomUsers, ask),
    );
    await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBe(asked + 1);
    // By now it has its answer, and waits.
    await sleep(4000);
    run.abort();
    const failure = await failing;
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
