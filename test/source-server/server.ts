import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BadName, badPeople } from './bad-people.ts';
import { type Fault, isLie, misbehave } from './faults.ts';
import { type Person, recordedPeople, rekeyed } from './people.ts';

/** The most that the real API gives in one answer. */
const mostResults = 5000;

export interface SourceServerOptions {
  /** 0: any free one. */
  readonly port?: number;
  /** Who is served, in order and over again; 20,000 recorded people unless said. */
  readonly people?: readonly Person[];
  /** Each run is served people of its own: a record that one lost cannot hide behind another's. */
  readonly newInEachRun?: boolean;
  readonly delayMs?: number;
  /** Record number (from 0, over all pages) -> the bad record that takes its place. */
  readonly planted?: ReadonlyMap<number, BadName>;
  /** Records given to all callers together before every further request is answered with 429. */
  readonly quota?: number;
}

/**
 * A record as it left the server: what the checker compares the tables with. When a run's size is no multiple of its
 * pages, the last page holds more than the run keeps.
 */
interface Served {
  readonly seed: string;
  /** Number of the record in its run, from 0. */
  readonly ordinal: number;
  readonly record: unknown;
  readonly planted: BadName | undefined;
}

export interface SourceServer {
  /** Address to give to `--source`. */
  readonly url: string;
  readonly served: readonly Served[];
  /** Every request's query, honest answer or not. */
  readonly requests: readonly string[];
  /** The next requests get these, one each, then the server is honest again. */
  readonly faults: Fault[];
  stop(): Promise<void>;
}

/** Speaks the randomuser.me API over HTTP on loopback and keeps a log of what it gave. */
export async function startSourceServer(options: SourceServerOptions = {}): Promise<SourceServer> {
  const state: State = { options, people: options.people ?? recordedPeople(), served: [], requests: [], faults: [] };
  const server = createServer((request, response) => void answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const { port } = server.address() as AddressInfo;
  const { served, requests, faults } = state;
  return { url: `http://127.0.0.1:${port}/api/1.4/`, served, requests, faults, stop };
}

interface State {
  readonly options: SourceServerOptions;
  readonly people: readonly Person[];
  readonly served: Served[];
  readonly requests: string[];
  readonly faults: Fault[];
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { options, served } = state;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  state.requests.push(url.search);
  const ask = askOf(url);
  if (ask === undefined) return say(response, 400, `expected results from 1 to ${mostResults} and a page`);
  const fault = state.faults.shift();
  await sleep(fault?.kind === 'slow' ? fault.delayMs : options.delayMs);
  if (isOver(options.quota, served.length + ask.results)) return say(response, 429, 'the quota is used up');
  const page = pageOf(state, ask, fault?.kind === 'tooMany' ? 1 : 0);
  const body = bodyOf(page, ask);
  if (isLie(fault)) return misbehave(fault, body, response);
  served.push(...page);
  response.writeHead(200, json).end(body);
}

const json = { 'content-type': 'application/json; charset=utf-8' };

interface Ask {
  readonly seed: string;
  readonly page: number;
  readonly results: number;
}

function askOf({ pathname, searchParams }: URL): Ask | undefined {
  const page = Number(searchParams.get('page') ?? 1);
  const results = Number(searchParams.get('results') ?? 1);
  const isKnown = pathname.startsWith('/api/') && Number.isInteger(page) && Number.isInteger(results);
  if (!isKnown || page < 1 || results < 1 || results > mostResults) return undefined;
  return { seed: searchParams.get('seed') ?? 'none', page, results };
}

function isOver(quota: number | undefined, records: number): boolean {
  return quota !== undefined && records > quota;
}

function pageOf({ people, options }: State, ask: Ask, tooMany: number): Served[] {
  return Array.from({ length: ask.results + tooMany }, (_, index) => {
    const ordinal = (ask.page - 1) * ask.results + index;
    const person = people[ordinal % people.length] as Person;
    const good = options.newInEachRun ? rekeyed(person, ask.seed) : person;
    const bad = options.planted?.get(ordinal);
    return { seed: ask.seed, ordinal, record: bad === undefined ? good : badPeople[bad].of(good), planted: bad };
  });
}

function bodyOf(page: readonly Served[], { seed, page: number, results }: Ask): Buffer {
  const info = { seed, results, page: number, version: '1.4' };
  return Buffer.from(JSON.stringify({ results: page.map(({ record }) => record), info }));
}

function say(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, json).end(JSON.stringify({ error }));
}
