import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** One request's answer instead of the honest one. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  | { readonly kind: 'body'; readonly body: string | Buffer; readonly headers?: Record<string, string> }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'tooMany' };

const html = { 'content-type': 'text/html' };

/** Ready-made hostile answers, by name. */
export const faults = {
  quota: { kind: 'status', status: 429, body: '{"error":"Too many requests, slow down"}' },
  quotaOneSecond: { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: '{"error":"slow down"}' },
  quotaOneHour: { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, body: '{"error":"slow down"}' },
  broken: { kind: 'status', status: 500, body: 'Internal Server Error' },
  unavailable: { kind: 'status', status: 503, body: 'Service Unavailable' },
  noContent: { kind: 'status', status: 204 },
  notFound: { kind: 'status', status: 404, body: 'Not Found' },
  redirect: { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
  errorInside: { kind: 'body', body: '{"error":"Uh oh, something has gone wrong"}' },
  htmlPage: { kind: 'body', body: '<!doctype html><title>Sign in</title>', headers: html },
  htmlSaidJson: { kind: 'body', body: '  <html></html>' },
  plainText: { kind: 'body', body: '{"results":[{}]}', headers: { 'content-type': 'text/plain' } },
  noBytes: { kind: 'body', body: '' },
  noResults: { kind: 'body', body: '{"results":[]}' },
  noList: { kind: 'body', body: '{"info":{}}' },
  wrongType: { kind: 'body', body: '{"results":{"0":{}}}' },
  notAnObject: { kind: 'body', body: '7' },
  deep: { kind: 'body', body: `{"results":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}` },
  truncated: { kind: 'truncated' },
  cut: { kind: 'cut' },
  reset: { kind: 'reset' },
  tooMany: { kind: 'tooMany' },
} satisfies Record<string, Fault>;

/** 64 MiB of blanks in 64 kB. */
export function gzipBomb(): Fault {
  const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
  return { kind: 'body', body, headers: { 'content-encoding': 'gzip' } };
}

/** An answer of its own; the other faults only bend the honest one. */
export type Lie = Exclude<Fault, { kind: 'slow' | 'tooMany' }>;

export function isLie(fault: Fault | undefined): fault is Lie {
  return fault !== undefined && fault.kind !== 'slow' && fault.kind !== 'tooMany';
}

/** Answers with the fault; `honest` is what the answer would have been. */
export function misbehave(fault: Lie, honest: Buffer, response: ServerResponse): void {
  const json = { 'content-type': 'application/json' };
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, { ...json, ...fault.headers }).end(fault.body);
      return;
    case 'body':
      response.writeHead(200, { ...json, ...fault.headers }).end(fault.body);
      return;
    case 'truncated':
      response.writeHead(200, json).end(honest.subarray(0, honest.length / 2));
      return;
    case 'cut':
      response.writeHead(200, { ...json, 'content-length': honest.length });
      response.write(honest.subarray(0, honest.length / 2), () => response.destroy());
      return;
    case 'reset':
      response.destroy();
      return;
  }
}
