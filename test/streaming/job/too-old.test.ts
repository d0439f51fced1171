import { beforeAll, describe, expect, it } from 'vitest';
import { avroSchemaOf } from '../../../streaming/avro.ts';
import { manifestOf } from '../../../streaming/manifest.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { examplesOf } from '../examples.ts';
import { messageMaker } from './messages.ts';
import { pythonMs, runPython } from './python.ts';

const [first] = pipelines;
if (first === undefined) throw new Error('expected a pipeline');
const example = examplesOf(first).find((each) => 'record' in each && each.broken === null);
if (example === undefined || !('record' in example)) throw new Error('expected a record that lands');

const schemaId = 7;
const nowMs = Date.parse('2026-11-24T17:00:00Z');
const oldestSeconds = 47 * 3600;
const lifetimeSeconds = 365 * 86_400;
const message = messageMaker(first, schemaId, nowMs);
const ages = [0, oldestSeconds - 1, oldestSeconds, lifetimeSeconds - 1, lifetimeSeconds];
const messages = ages.map((seconds, offset) => {
  const version = String((nowMs - seconds * 1000) * 1000);
  return message(example.record, offset, { headers: { version, origin: version } });
});

interface Answers {
  readonly verdicts: readonly { readonly offset: number; readonly verdict?: { readonly reason: string } }[];
  readonly coverage: readonly unknown[];
  readonly warm: readonly { readonly version: number; readonly verdict?: unknown }[];
}
let answers: Answers;

beforeAll(async () => {
  const asked = {
    pipeline: manifestOf([first]).pipelines[0],
    schemas: { [schemaId]: avroSchemaOf(first) },
    messages,
    nowMicros: nowMs * 1000,
    oldestSeconds,
    warmVersion: nowMs * 1000,
  };
  answers = await runPython<Answers>('judge-messages.py', asked);
}, pythonMs);

describe('Tables that take no write time of more than two days ago', () => {
  it.each([
    { seconds: 0, reason: undefined },
    { seconds: oldestSeconds - 1, reason: undefined },
    { seconds: oldestSeconds, reason: 'too_old' },
    { seconds: lifetimeSeconds - 1, reason: 'too_old' },
    { seconds: lifetimeSeconds, reason: undefined },
  ])('a record of $seconds s: $reason', ({ seconds, reason }) => {
    const row = answers.verdicts.find(({ offset }) => offset === ages.indexOf(seconds));
    expect(row?.verdict?.reason).toBe(reason);
  });

  it('are given an account in which it is dead, not lost, and what has expired is still expired', () => {
    expect(answers.coverage).toEqual([{ partition: 0, from: 0, until: 5, dead: 2, expired: [[4, 5]] }]);
  });

  it('are warmed up by a row of a time that they take', () => {
    expect(answers.warm).toEqual([{ version: nowMs * 1000 }]);
  });
});
