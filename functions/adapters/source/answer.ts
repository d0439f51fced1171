import type { Definition, PageAsk } from '../../../streaming/definition.ts';
import type { PipelineError } from '../../../streaming/errors.ts';
import type { SourcePage } from '../../ports.ts';
import { failed } from './failed.ts';
import { isLast } from './last.ts';

/** Deepest nesting of an answer; a person's record is four levels deep. */
const deepest = 32;

/** An answer with a status of success, not yet believed. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Believes an answer only when it is a list of as many records as were asked for, or fewer. */
export function pageOf({ source }: Definition, ask: PageAsk, answer: Answer): SourcePage {
  const records = answer.status === noContent ? [] : recordsOf(answer, source.records);
  if (records.length > ask.size) {
    throw badAnswer(answer.url, `at most ${ask.size} records`, `${records.length}`);
  }
  // After a full page of a window nothing more may be left.
  if (records.length === 0 && source.empty !== 'allowed' && !(source.paging === 'window' && ask.page > 1)) {
    throw failed(
      'source_empty',
      `${answer.url}: expected ${ask.size} records, got none; if that is normal here, the definition says empty: 'allowed'`,
      { retriable: true },
    );
  }
  return { records, last: isLast(source, ask, records) };
}

/** Some APIs say with it that nothing was found. */
const noContent = 204;

function recordsOf(answer: Answer, path: string): readonly unknown[] {
  const parsed = parse(answer);
  const records = path === '.' ? parsed : listAt(parsed, path);
  if (Array.isArray(records)) return records;
  throw saidNo(answer.url, parsed) ?? noList(answer.url, path, records);
}

function parse({ url, contentType, body }: Answer): unknown {
  const text = body.toString('utf8');
  if (/^text\/html\b/i.test(contentType) || /^\s*</.test(text)) throw badAnswer(url, 'JSON', 'an HTML page');
  if (contentType !== '' && !/^[\w.-]+\/([\w.-]+\+)?json\b/i.test(contentType)) {
    throw badAnswer(url, 'JSON', `content type ${contentType.slice(0, 100)}`);
  }
  if (isDeeperThan(body, deepest)) throw badAnswer(url, `JSON nested at most ${deepest} deep`, 'a deeper one');
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the text, which may hold what must not reach a log.
    throw badAnswer(url, 'JSON', `${body.length} bytes that are not JSON, or not all of it`, (cause as Error).name);
  }
}

const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const nesting = new Int8Array(256);
for (const sign of '[{') nesting[sign.charCodeAt(0)] = 1;
for (const sign of ']}') nesting[sign.charCodeAt(0)] = -1;

/** Looks at brackets only, before anything is built of them: millions of nested lists would fill the memory. */
function isDeeperThan(json: Buffer, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] === quote) at = endOfText(json, at);
    else depth += nesting[json[at] as number] as number;
    if (depth > limit) return true;
  }
  return false;
}

function endOfText(json: Buffer, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

function listAt(parsed: unknown, path: string): unknown {
  let value = parsed;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Some APIs refuse with status 200 and `{"error": "..."}`. */
function saidNo(url: string, parsed: unknown): PipelineError | undefined {
  const error = listAt(parsed, 'error');
  if (error === undefined) return undefined;
  const said = typeof error === 'string' ? error.slice(0, 200) : 'an error';
  return failed('source_refused', `${url}: expected records, got the error ${JSON.stringify(said)}`, {
    retriable: true,
  });
}

function noList(url: string, path: string, found: unknown): PipelineError {
  return badAnswer(
    url,
    path === '.' ? 'a list' : `a list at ${path}`,
    found === undefined ? 'nothing there' : `something else (${typeof found})`,
  );
}

function badAnswer(url: string, expected: string, got: string, cause?: unknown): PipelineError {
  return failed('source_bad_answer', `${url}: expected ${expected}, got ${got}; nothing of it landed`, {
    retriable: true,
    cause,
  });
}
