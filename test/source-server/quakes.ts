import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import examples from '../../streaming/pipelines/earthquakes/examples.json' with { type: 'json' };

/** One revision of an earthquake in the API's shape, as far as the tests look into it. */
export interface Quake {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>> & { readonly time: number; readonly updated: number };
  readonly [field: string]: unknown;
}

export interface QuakeServer {
  /** Address to give to `--source`. */
  readonly url: string;
  /** Every revision that there is; what the API tells follows from the time that it is taken to be. */
  readonly revisions: Quake[];
  /** Nothing newer than this is known yet, in milliseconds since 1970. */
  knownUntil: number;
  /** Every request's query. */
  readonly requests: URLSearchParams[];
  stop(): Promise<void>;
}

const [example] = examples as unknown as { raw: Quake }[];

/** A revision that differs from the first example in what is said. */
export function quake(id: string, updated: number, properties: object = {}): Quake {
  if (example === undefined) throw new Error('test data: expected an example, got none');
  const { raw } = example;
  return { ...raw, id, properties: { ...raw.properties, time: updated - 90_000, updated, ...properties } };
}

/** Speaks the event API of USGS over HTTP on loopback, as far as a query by `updatedafter` goes. */
export async function startQuakeServer(): Promise<QuakeServer> {
  const revisions: Quake[] = [];
  const requests: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push(searchParams);
    const features = pageOf(revisions, searchParams, started.knownUntil);
    const metadata = { generated: started.knownUntil, status: 200, api: '1.14.1', count: features.length };
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ type: 'FeatureCollection', metadata, features }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const url = `http://127.0.0.1:${port}/fdsnws/event/1/query`;
  const started: QuakeServer = { url, revisions, requests, knownUntil: Number.POSITIVE_INFINITY, stop };
  return started;
}

/** Of every earthquake the newest revision, when that is young enough; the oldest earthquake first. */
function pageOf(revisions: readonly Quake[], query: URLSearchParams, knownUntil: number): readonly Quake[] {
  const newest = new Map<string, Quake>();
  for (const revision of revisions) {
    const known = newest.get(revision.id)?.properties.updated ?? 0;
    const { updated } = revision.properties;
    if (updated > known && updated < knownUntil) newest.set(revision.id, revision);
  }
  const after = Date.parse(query.get('updatedafter') ?? '');
  const found = [...newest.values()]
    .filter(({ properties }) => properties.updated > after)
    .sort((a, b) => a.properties.time - b.properties.time);
  const from = Number(query.get('offset')) - 1;
  return found.slice(from, from + Number(query.get('limit')));
}
