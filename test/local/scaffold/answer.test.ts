import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer } from '../../../local/scaffold/answer.ts';

const answers: Readonly<Record<string, { status?: number; body?: string; location?: string }>> = {
  '/html': { body: '<!doctype html><title>Sign in</title>' },
  '/half': { body: '[{"id":' },
  '/gone': { status: 404 },
  '/moved': { status: 302, location: '/html' },
  '/long': { body: `"${'x'.repeat(17 * 1024 * 1024)}"` },
  '/good': { body: '{"things":[]}' },
};

let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-answer-'));
  server = createServer(({ url = '' }, response) => {
    const { status = 200, body = '', location } = answers[url] ?? {};
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

describe('An answer is refused', () => {
  it.each([
    ['that is a page', '/html', /\/html: expected JSON, got an HTML or XML page/],
    ['that is cut off', '/half', /\/half: expected JSON, got 7 bytes that are not JSON/],
    ['with a status', '/gone', /expected status 200, got 404\. Check the address/],
    ['that leads elsewhere', '/moved', /got 302\. Redirects are not followed/],
    ['that is longer than a run would take', '/long', /expected at most \d+ bytes/],
  ])('%s', async (_what, url, message) => {
    await expect(readAnswer(`${address}${url}`)).rejects.toThrow(message);
  });

  it.each([
    [
      'of a server that is not there',
      'http://127.0.0.1:9/',
      /expected an answer, got fetch failed \(.+\); is it reachable from here\? Or save/,
    ],
    ['of another machine without TLS', 'http://example.com/', /an https address or an http address on loopback/],
    ['in a file that is not there', 'nowhere.json', /--from: expected an address .* got nowhere\.json, which is none/],
    ['in a folder', '.', /--from: expected an address/],
  ])('%s', async (_what, from, message) => {
    await expect(readAnswer(from)).rejects.toThrow(message);
  });
});

describe('An answer is read', () => {
  it('from a server of this machine, whose address no pipeline can ask', async () => {
    expect(await readAnswer(`${address}/good`)).toMatchObject({ json: { things: [] }, address: undefined });
  });

  it('from a file, of which only the name is told', async () => {
    const file = path.join(folder, 'things.json');
    writeFileSync(file, '\uFEFF[1]');
    expect(await readAnswer(file)).toEqual({ from: 'things.json', address: undefined, json: [1] });
  });
});
