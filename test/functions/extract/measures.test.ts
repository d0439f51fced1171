import { beforeEach, describe, expect, it } from 'vitest';
import { extract } from '../../../functions/extract/extract.ts';
import type { SourcePage } from '../../../functions/ports.ts';
import type { PageAsk } from '../../../streaming/definition.ts';
import { PipelineError } from '../../../streaming/errors.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../streaming/pipelines/random-users/sample.ts';
import { measuring } from '../measuring.ts';
import { fakeLanding } from './fake-landing.ts';

const pipeline = { ...randomUsers, source: { ...randomUsers.source, maxPage: 10 } };
const bad = (record: unknown) => ({ ...(record as object), login: {} });

let world: ReturnType<typeof fakeLanding>;
let measures: ReturnType<typeof measuring>;
let answer: (ask: PageAsk) => SourcePage;

beforeEach(() => {
  world = fakeLanding();
  measures = measuring();
  answer = (ask) => ({ records: samplePage(ask), last: false });
});

function call(wanted: { records: number }, landing = world.landing) {
  const ports = {
    landing,
    steps: { wake: async () => undefined },
    sourceFor: () => ({ fetchPage: async (_pipeline: unknown, ask: PageAsk) => answer(ask) }),
    usualSource: 'sample',
    remainingMs: () => 300_000,
    measure: measures.measure,
  };
  return extract(ports, pipeline, new Date('2026-11-24T17:00:00Z'), wanted);
}

describe('A run measures', () => {
  const none = { RecordsReceived: 30, RecordsLanded: 30, RecordsRejected: 0, SourceEmpty: 0 };

  it('what this call brought, dead letters apart', async () => {
    answer = (ask) => ({ records: samplePage(ask).map((each, index) => (index < 2 ? bad(each) : each)), last: false });
    await call({ records: 30 });
    expect(measures.taken()).toEqual({ 'random-users': { ...none, RecordsLanded: 24, RecordsRejected: 6 } });
  });

  it('as rejected what may not be kept, however good it is', async () => {
    await call({ records: 30 }, { ...world.landing, landPage: async () => ({ landed: 9, rejected: 1 }) });
    expect(measures.taken()).toEqual({ 'random-users': { ...none, RecordsLanded: 27, RecordsRejected: 3 } });
  });

  it('nothing of the pages that an earlier call brought', async () => {
    await call({ records: 30 });
    measures = measuring();
    await call({ records: 30 });
    expect(measures.taken()).toEqual({});
  });

  it('nothing of the pages that another call landed meanwhile', async () => {
    await call({ records: 30 }, { ...world.landing, landPage: async () => 'present' });
    expect(measures.taken()).toEqual({});
  });

  it('the pages before the one at which it failed', async () => {
    answer = (ask) => {
      if (ask.page < 3) return { records: samplePage(ask), last: false };
      throw new PipelineError('unreachable', { code: 'source_unreachable', at: 'source', retriable: true });
    };
    await expect(call({ records: 30 })).rejects.toThrow('unreachable');
    expect(measures.taken()).toEqual({ 'random-users': { ...none, RecordsReceived: 20, RecordsLanded: 20 } });
  });

  it('that the source was empty', async () => {
    answer = () => {
      throw new PipelineError('empty', { code: 'source_empty', at: 'source', retriable: true });
    };
    await expect(call({ records: 30 })).rejects.toThrow('empty');
    expect(measures.taken()).toEqual({ 'random-users': { SourceEmpty: 1 } });
  });
});
