import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedAddress, httpLimits, httpSource } from '../../../../functions/adapters/source/http.ts';
import { sourceFor } from '../../../../functions/adapters/source/source.ts';
import type { PipelineError } from '../../../../streaming/errors.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { faults } from '../../../source-server/faults.ts';
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

describe('An answer', () => {
  it('is asked for with what the definition says', async () => {
    await fetchPage();
    expect(server.requests.at(-1)).toBe('?seed=test&page=1&results=20');
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
