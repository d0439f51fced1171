import { afterEach, expect, it } from 'vitest';
import { faults } from './faults.ts';
import { recordedPeople } from './people.ts';
import { type SourceServer, type SourceServerOptions, startSourceServer } from './server.ts';

const people = recordedPeople();
let server: SourceServer | undefined;
afterEach(() => server?.stop());

async function ask(query: string, options: SourceServerOptions = {}) {
  server = await startSourceServer({ people, ...options });
  const response = await fetch(server.url + query);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('There are 20,000 people with 20,000 keys', () => {
  expect(new Set(people.map(({ login }) => login.uuid)).size).toBe(20_000);
});

it('A page holds its people in order, with the API own words about it', async () => {
  const { status, body } = await ask('?results=3&seed=abc&page=2');
  expect(status).toBe(200);
  expect(body).toEqual({ results: people.slice(3, 6), info: { seed: 'abc', results: 3, page: 2, version: '1.4' } });
});

it('The log holds every record as it left', async () => {
  await ask('?results=2&seed=abc&page=2', { planted: new Map([[3, 'notAnObject']]) });
  expect(server?.served).toEqual([
    { seed: 'abc', ordinal: 2, record: people[2], planted: undefined },
    { seed: 'abc', ordinal: 3, record: 'a person', planted: 'notAnObject' },
  ]);
});

it.each(['?results=5001', '?results=0', '?results=x', '?page=0'])('%s is refused', async (query) => {
  expect(await ask(query)).toMatchObject({ status: 400, body: { error: expect.any(String) } });
});

it('More than the quota is refused with 429, and nothing of it is logged', async () => {
  expect(await ask('?results=11', { quota: 10 })).toMatchObject({ status: 429, body: { error: expect.any(String) } });
  expect(server?.served).toEqual([]);
});

it('A fault is used up by one request', async () => {
  server = await startSourceServer({ people });
  server.faults.push(faults.broken);
  expect((await fetch(server.url)).status).toBe(500);
  expect((await fetch(server.url)).status).toBe(200);
});
