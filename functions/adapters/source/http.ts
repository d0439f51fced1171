import type { Definition, PageAsk } from '../../../streaming/definition.ts';
import type { Source, SourcePage } from '../../ports.ts';
import { pageOf } from './answer.ts';
import { readBody } from './body.ts';
import { failed } from './failed.ts';
import { type Pace, patiently, TryAgain } from './patience.ts';

/** What an answer may cost. 5000 people are about 5 MB, so every honest answer fits several times. */
export interface HttpLimits extends Pace {
  /** Longest one request may take, in milliseconds; connecting alone may take 10 s of it (Node's own limit). */
  readonly requestMs: number;
  /** Longest body after decompression, in bytes. */
  readonly bodyBytes: number;
}

export const httpLimits: HttpLimits = {
  requestMs: 60_000,
  bodyBytes: 16 * 1024 * 1024,
  retries: 4,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
};

/** A REST API that answers pages of JSON records; `signal` ends every request and pause when the run's time is over. */
export function httpSource(address: string, signal: AbortSignal, limits: HttpLimits = httpLimits): Source {
  const url = checkedAddress(address);
  return {
    fetchPage: (pipeline, ask) =>
      patiently(limits, signal, () => fetchOnce(addressOf(pipeline, url, ask), pipeline, ask, signal, limits)),
  };
}

/** https, or http to this machine alone; without user and password, which would end up in the plan and in logs. */
export function checkedAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (url && isSafe && url.username === '' && url.password === '') return url;
  throw failed(
    'bad_request',
    'source: expected live, sample, an https address or an http address on loopback, without user and password, ' +
      `got ${url ? `${url.protocol}//${url.host}` : JSON.stringify(address)}`,
    { retriable: false },
  );
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where a page is asked for: the live address, or the one that stands in for it, with the definition's query. */
export function addressOf({ source }: Definition, base: URL | string, ask: PageAsk): URL {
  const url = new URL(base);
  for (const [name, value] of Object.entries(source.query(ask))) url.searchParams.set(name, String(value));
  return url;
}

async function fetchOnce(
  url: URL,
  pipeline: Definition,
  ask: PageAsk,
  signal: AbortSignal,
  limits: HttpLimits,
): Promise<SourcePage> {
  const limit = timeLimit(limits.requestMs, signal);
  try {
    const response = await request(url, limit.signal);
    return await readPage(response, url, pipeline, ask, limits);
  } finally {
    limit.release();
  }
}

/**
 * A signal for one request: its own time, or the end of the run. Not AbortSignal.any, which Node 20 may collect as
 * garbage before it fires; the request would then wait for ever.
 */
function timeLimit(ms: number, run: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const request = new AbortController();
  const endWithRun = () => request.abort(run.reason);
  const timer = setTimeout(() => request.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')), ms);
  run.addEventListener('abort', endWithRun);
  if (run.aborted) endWithRun();
  return {
    signal: request.signal,
    release: () => {
      clearTimeout(timer);
      run.removeEventListener('abort', endWithRun);
    },
  };
}

async function readPage(
  response: Response,
  url: URL,
  pipeline: Definition,
  ask: PageAsk,
  limits: HttpLimits,
): Promise<SourcePage> {
  try {
    refuseStatus(url, response);
    return pageOf(pipeline, ask, {
      url: url.href,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await readBody(url.href, response, limits.bodyBytes),
    });
  } finally {
    // A body that was not read to its end would keep its connection for ever.
    if (!response.bodyUsed) await response.body?.cancel();
  }
}

async function request(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal });
  } catch (cause) {
    throw new TryAgain(
      failed(
        'source_unreachable',
        `${url.href}: expected an answer, got ${reasonOf(cause)}; is it reachable from here?`,
        {
          retriable: true,
          cause,
        },
      ),
    );
  }
}

/** fetch says `fetch failed` and hides why in the cause. */
function reasonOf(cause: unknown): string {
  const { message, cause: deeper } = cause as { message: string; cause?: NodeJS.ErrnoException };
  return deeper === undefined ? message : `${message} (${deeper.code ?? deeper.message})`;
}

function refuseStatus(url: URL, response: Response): void {
  if (response.ok) return;
  const said = `${url.href}: expected status 200, got ${response.status}`;
  if (response.status === 429) {
    const refusal = failed('source_refused', `${said}: its quota is used up; the run stays open`, { retriable: true });
    throw new TryAgain(refusal, response.headers.get('retry-after'));
  }
  if (response.status >= 500) throw new TryAgain(failed('source_unreachable', said, { retriable: true }));
  const advice =
    response.status < 400 ? 'redirects are not followed: give the address it leads to' : 'check the address';
  throw failed('source_refused', `${said}; ${advice}`, { retriable: false });
}
