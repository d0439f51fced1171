import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readBody } from '../../functions/adapters/source/body.ts';
import { checkedAddress, httpLimits } from '../../functions/adapters/source/http.ts';

/** An answer of a source, as it was given to look at. */
export interface SampleAnswer {
  /** Where it came from, for a reader: an address, or a file's name. */
  readonly from: string;
  /** The address that a pipeline can ask; undefined for a file or a server of this machine. */
  readonly address: URL | undefined;
  readonly json: unknown;
}

const saveInstead = 'Or save an answer into a file: --from answer.json --url <its address>';

/** Reads an answer from an address, under the limits that a run has too, or from a file. */
export async function readAnswer(from: string): Promise<SampleAnswer> {
  if (!/^https?:/i.test(from))
    return { from: path.basename(from), address: undefined, json: parsed(from, readFile(from)) };
  const url = checkedAddress(from);
  const body = await download(url);
  return { from, address: url.protocol === 'https:' ? url : undefined, json: parsed(from, body) };
}

function readFile(file: string): Buffer {
  const size = statSync(file, { throwIfNoEntry: false });
  if (!size?.isFile())
    throw new Error(`--from: expected an address (https://...) or a file with an answer, got ${file}, which is none`);
  if (size.size > httpLimits.bodyBytes) throw tooLong(file);
  return readFileSync(file);
}

const tooLong = (from: string) =>
  new Error(
    `${from}: expected at most ${httpLimits.bodyBytes} bytes, got more. A few records are enough to infer a definition.`,
  );

async function download(url: URL): Promise<Buffer> {
  const response = await request(url);
  if (!response.ok) {
    await response.body?.cancel();
    const advice =
      response.status < 400 ? 'Redirects are not followed: give the address it leads to.' : 'Check the address.';
    throw new Error(`${url}: expected status 200, got ${response.status}. ${advice} ${saveInstead}`);
  }
  return readBody(url.href, response, httpLimits.bodyBytes);
}

async function request(url: URL): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(httpLimits.requestMs);
    return await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal });
  } catch (cause) {
    const { message, cause: deeper } = cause as { message: string; cause?: NodeJS.ErrnoException };
    const reason = deeper ? `${message} (${deeper.code ?? deeper.message})` : message;
    throw new Error(`${url}: expected an answer, got ${reason}; is it reachable from here? ${saveInstead}`, { cause });
  }
}

function parsed(from: string, body: Buffer): unknown {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  if (/^\s*</.test(text))
    throw new Error(`${from}: expected JSON, got an HTML or XML page; look for the address of the API itself`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${from}: expected JSON, got ${body.length} bytes that are not JSON, or not all of it`);
  }
}
