import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asksBytes, asksPage, plainScript, scriptOf, word } from '../../../local/containers/script.ts';
import { runTool } from '../../../local/install/tool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-script-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bash = (script: string) =>
  spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });

describe('A word of the shell', () => {
  it.each(["it's", 'a b', '$HOME', '*', 'back\\slash', '"', '', 'a;b', '/opt/kafka/libs/*', '{"a":1}'])(
    'comes out as it went in: %s',
    (text) => {
      expect(bash(`printf '%s' ${word(text)}`).stdout).toBe(text);
    },
  );
});

describe("A server's script", () => {
  const server = (fill: string) => ({
    command: 'echo',
    args: ['runs', 'a b'],
    env: { PATH: '/nowhere', TZ: 'UTC' },
    made: {
      files: {},
      birth: {
        folder: path.join(folder, 'kept'),
        fill: (partial: string) => ({ command: 'sh', args: ['-c', fill, 'sh', partial], files: {} }),
      },
    },
  });

  it('makes the folder once and becomes the process', () => {
    const script = scriptOf(server('date +%N > "$1/born"'));
    expect(bash(script)).toMatchObject({ status: 0, stdout: 'runs a b\n' });
    const born = readFileSync(path.join(folder, 'kept', 'born'), 'utf8');
    expect(bash(script).status).toBe(0);
    expect(readFileSync(path.join(folder, 'kept', 'born'), 'utf8')).toBe(born);
  });

  it('does not start on a folder that was made by half, and makes it anew the next time', () => {
    expect(bash(scriptOf(server('echo half > "$1/half"; exit 3')))).toMatchObject({ status: 3, stdout: '' });
    expect(existsSync(path.join(folder, 'kept'))).toBe(false);
    expect(bash(scriptOf(server('echo whole > "$1/whole"')))).toMatchObject({ status: 0 });
    expect(existsSync(path.join(folder, 'kept', 'half'))).toBe(false);
    expect(existsSync(path.join(folder, 'kept', 'whole'))).toBe(true);
  });

  it("leaves it to the image where programs are, and says everything else of the runner's environment", () => {
    expect(
      bash(
        plainScript({ PATH: '/nowhere', TZ: 'UTC', A: 'b c' }, 'sh', [
          '-c',
          'echo $TZ $A; [ $PATH = /nowhere ] || echo found',
        ]),
      ).stdout,
    ).toBe('UTC b c\nfound\n');
  });
});

describe('A health check', () => {
  let server: Server;
  let answer: (socket: Socket, asked: Buffer) => void;
  let port: number;
  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (asked) => answer(socket, asked));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
  });
  const healthy = async (script: string) => {
    const file = path.join(folder, 'health.sh');
    writeFileSync(file, script);
    const env = { PATH: '/usr/bin:/bin' };
    return runTool({ command: 'bash', args: [file], env }).then(
      () => 'healthy',
      (error: Error) => error.message,
    );
  };

  it.each([
    ['the expected bytes', '0102ff00', 'healthy'],
    ['other bytes', '0102ff01', /expected 0102\.\.00, got 0102ff01/],
    ['fewer bytes', '0102', /expected 0102\.\.00, got 0102/],
  ])('by bytes, answered with %s', async (_, said, expected) => {
    let asked = '';
    answer = (socket, bytes) => {
      // A question may come in pieces.
      asked += bytes.toString('hex');
      if (asked.length === 8) socket.end(Buffer.from(said, 'hex'));
    };
    expect(await healthy(asksBytes(port, '00ff0a25', '0102..00'))).toMatch(expected);
    expect(asked).toBe('00ff0a25');
  });

  it.each([
    ['a good page with the pattern', 'HTTP/1.1 200 OK\r\n\r\n{"a":[1]}', 'healthy'],
    ['a refusal with the pattern', 'HTTP/1.1 403 Forbidden\r\n\r\n{"a":[1]}', 'healthy'],
    ['an error of the server', 'HTTP/1.1 503 No\r\n\r\n{"a":[1]}', /got HTTP\/1\.1 503/],
    ['another page', 'HTTP/1.1 200 OK\r\n\r\n{"a":[]}', /expected "a":\\\[1\\\], got HTTP\/1\.1 200/],
  ])('by a page, answered with %s', async (_, said, expected) => {
    let asked = '';
    answer = (socket, bytes) => {
      asked += bytes.toString();
      if (asked.endsWith('\r\n\r\n')) socket.end(said);
    };
    expect(await healthy(asksPage(port, '/p', '"a":\\[1\\]'))).toMatch(expected);
  });

  it('fails where nobody listens', async () => {
    server.close();
    expect(await healthy(asksBytes(port, '00', '00'))).toMatch(/Connection refused/);
  });
});
