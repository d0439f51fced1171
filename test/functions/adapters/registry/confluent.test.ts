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

  it.each([
    [409, 'schema_incompatible', false],
    [422, 'schema_incompatible', false],
    [500, 'registry_unavailable', true],
  ])('that answers %d makes the run fail with %s', async (status, code, retriable) => {
    answers = { 'PUT /config/a-value': [200, {}], 'POST /subjects/a-value/versions': [status, {}] };
    await expect(registry().register('a-value', {})).rejects.toMatchObject({ code, retriable });
  });

  it('that refuses is asked twice more, because two who register at once refuse each other', async () => {
    answers = { 'PUT /config/a-value': [200, {}], 'POST /subjects/a-value/versions': [409, {}] };
    await expect(registry().register('a-value', {})).rejects.toThrow(/every earlier version/);
    expect(asked.filter((call) => call.startsWith('POST'))).toHaveLength(3);
  });
});
