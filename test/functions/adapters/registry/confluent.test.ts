import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confluentRegistry } from '../../../../functions/adapters/registry/confluent.ts';

let server: Server;
let answers: Record<string, [number, unknown]>;
let asked: string[];

beforeEach(async () => {
  asked = [];
  answers = {};
  server = createServer((request, response) => {
    const call = `${request.method} ${request.url}`;
    asked.push(call);
    const [status, body] = answers[call] ?? [404, { error_code: 40401 }];
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(() => {
  server.close();
});

const registry = () => confluentRegistry(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

describe('the registry', () => {
  it('is told to keep every version compatible before it takes one', async () => {
    answers = { 'PUT /config/a-value': [200, {}], 'POST /subjects/a-value/versions': [200, { id: 7 }] };
    expect(await registry().register('a-value', { type: 'string' })).toBe(7);
    expect(asked).toEqual(['PUT /config/a-value', 'POST /subjects/a-value/versions']);
  });

  it('answers all versions, oldest first', async () => {
    const version = (id: number) => [200, { id, schema: '"string"' }] as [number, unknown];
    answers = {
      'GET /subjects/a-value/versions': [200, [1, 2]],
      'GET /subjects/a-value/versions/1': version(5),
      'GET /subjects/a-value/versions/2': version(9),
    };
    expect((await registry().versions('a-value')).map(({ id }) => id)).toEqual([5, 9]);
  });

  it('answers no versions of an unknown subject', async () => {
    expect(await registry().versions('a-value')).toEqual([]);
  });

  it.each([
    [409, 'schema_incompatible', false],
    [422, 'schema_incompatible', false],
    [500, 'registry_unavailable', true],
  ])('that answers %d makes the run fail with %s', async (status, code, retriable) => {
    answers = { 'PUT /config/a-value': [200, {}], 'POST /subjects/a-value/versions': [status, {}] };
    await expect(registry().register('a-value', {})).rejects.toMatchObject({ code, retriable });
  });

  it('that is silent makes the run fail, to be tried again', async () => {
    const gone = registry();
    server.close();
    server.closeAllConnections();
    await expect(gone.versions('a-value')).rejects.toMatchObject({ code: 'registry_unavailable', retriable: true });
  });
});
