import { describe, expect, it } from 'vitest';
import { type RelayPorts, relay } from '../../../functions/relay/relay.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { measuring } from '../measuring.ts';
import { fakeOutbox, fakeTopic, message, row } from './fakes.ts';

const sevenRows = () => [1, 2, 3, 4, 5, 6, 7].map((seq) => row(seq, seq < 5 ? 'r1' : 'r2'));

function setUp(rows = sevenRows()) {
  const { outbox, state } = fakeOutbox(rows);
  const { topic, logs } = fakeTopic();
  const woken: number[] = [];
  const { measure, taken } = measuring();
  const ports: RelayPorts = {
    outbox,
    topic,
    encode: message,
    remaining: () => 300_000,
    wake: async () => void woken.push(1),
    measure,
  };
  return { ports, state, logs, woken, rows, taken };
}

const sizeOf = (ranges: readonly { from: number; until: number }[]) =>
  ranges.reduce((sum, { from, until }) => sum + until - from, 0);

describe('relay', () => {
  it('publishes until nothing is left and accounts every offset to its run', async () => {
    const { ports, state } = setUp();
    expect(await relay(randomUsers, ports)).toEqual({
      published: 7,
      batches: 3,
      unexpected: 0,
      busy: false,
      done: true,
    });
    expect(sizeOf(state.published.filter(({ run }) => run === 'r1'))).toBe(4);
    expect(sizeOf(state.published.filter(({ run }) => run === 'r2'))).toBe(3);
    expect(state.position).toEqual({ seq: 7, ends: [2, 3, 2] });
  });

  it('measures what it published, and that it was there when there was nothing', async () => {
    const { ports, taken } = setUp();
    await relay(randomUsers, ports);
    expect(taken()).toEqual({ 'random-users': { RecordsPublished: 7 } });
    await relay(randomUsers, ports);
    expect(taken()).toEqual({ 'random-users': { RecordsPublished: 7 } });
    const idle = setUp([]);
    await relay(randomUsers, idle.ports);
    expect(idle.taken()).toEqual({ 'random-users': { RecordsPublished: 0 } });
  });

  it('does nothing the second time', async () => {
    const { ports } = setUp();
    await relay(randomUsers, ports);
    expect(await relay(randomUsers, ports)).toMatchObject({ published: 0, done: true });
  });

  it.each([
    ['among others', [2, 5]],
    ['a whole batch of them', [1, 2, 3]],
    ['all of them', [1, 2, 3, 4, 5, 6, 7]],
  ])('passes by rows that were erased: %s', async (_, erased) => {
    const rows = sevenRows().map((one) => (erased.includes(one.seq) ? { ...one, payload: {} } : one));
    const { ports, state, logs } = setUp(rows);
    expect(await relay(randomUsers, ports)).toMatchObject({ published: 7 - erased.length, done: true });
    const sent = logs.flat().map(({ headers }) => Number(headers['seq']));
    expect(sent.filter((seq) => erased.includes(seq))).toEqual([]);
    expect(sizeOf(state.published)).toBe(7 - erased.length);
    expect(state.position.seq).toBe(7);
  });

  it('leaves at once when another relay holds the fence', async () => {
    const { ports, state } = setUp();
    state.busy = true;
    expect(await relay(randomUsers, ports)).toMatchObject({ published: 0, busy: true, done: true });
  });

  it('looks once more after letting go of the fence', async () => {
    const { ports, rows } = setUp([row(1)]);
    const { hasRows } = ports.outbox;
    let looked = 0;
    const late = async (pipeline: string) => {
      looked += 1;
      // Landed after the fence was taken and found nothing; its own wake-up was told "busy".
      if (looked === 1) rows.push(row(2));
      return hasRows(pipeline);
    };
    expect(await relay(randomUsers, { ...ports, outbox: { ...ports.outbox, hasRows: late } })).toMatchObject({
      published: 2,
    });
    expect(looked).toBe(2);
  });

  it('stops before the deadline and wakes itself', async () => {
    const { ports, woken } = setUp();
    const times = [60_000, 60_000, 20_000];
    const answer = await relay(randomUsers, { ...ports, remaining: () => times.shift() ?? 0 });
    expect(answer).toMatchObject({ published: 6, done: false });
    expect(woken).toHaveLength(1);
  });

  it('sends one batch again after a crash between send and commit, and attributes its first offsets to nobody', async () => {
    const { ports, state, logs } = setUp();
    const crashing = async (...sent: Parameters<typeof ports.topic.send>) => {
      await ports.topic.send(...sent);
      throw new Error('killed');
    };
    await expect(relay(randomUsers, { ...ports, topic: { ...ports.topic, send: crashing } })).rejects.toThrow('killed');
    expect(state.position.seq).toBe(0);
    expect(await relay(randomUsers, ports)).toMatchObject({ published: 7, unexpected: 3 });
    expect(logs.flat()).toHaveLength(10);
    expect(sizeOf(state.published)).toBe(7);
  });

  it('counts offsets that another writer took', async () => {
    const { ports, logs } = setUp();
    logs[1]?.push(message({ seq: 100 }), message({ seq: 103 }));
    expect(await relay(randomUsers, ports)).toMatchObject({ published: 7, unexpected: 2 });
  });

  it('stops when the topic ends before what was published to it', async () => {
    const { ports, logs, rows } = setUp();
    await relay(randomUsers, ports);
    logs[1]?.pop();
    rows.push(row(8));
    await expect(relay(randomUsers, ports)).rejects.toMatchObject({ code: 'topic_truncated', retriable: false });
    expect(logs.flat()).toHaveLength(6);
  });

  it.each([
    ['goes on when the topic holds as much more than what is on file as five dead relays may have left', 0, 'done'],
    ['stops when it holds more: the database is an older copy, or somebody else writes', 1, 'topic_ahead'],
  ])('%s', async (_, more, outcome) => {
    const { ports, state, logs } = setUp();
    for (const [partition, log] of logs.entries()) {
      const unnoted = [4000, 4000, 2000 + more][partition] ?? 0;
      log.push(...Array.from({ length: unnoted }, (_, index) => message({ seq: 100 + 3 * index + partition })));
    }
    const seen = await relay(randomUsers, ports).then(
      () => 'done',
      (error) => `${error.code}${error.retriable ? ', retriable' : ''}`,
    );
    expect(seen).toBe(outcome);
    expect(state.position.seq).toBe(outcome === 'done' ? 7 : 0);
  });

  it('does not mistake what another relay published meanwhile for a truncated topic', async () => {
    const { ports, rows } = setUp();
    let before: Promise<unknown> | undefined;
    const inTurn: typeof ports.outbox.inTurn = async (pipeline, work) => {
      before ??= relay(randomUsers, ports).then(() => rows.push(row(8)));
      await before;
      return ports.outbox.inTurn(pipeline, work);
    };
    expect(await relay(randomUsers, { ...ports, outbox: { ...ports.outbox, inTurn } })).toMatchObject({ published: 1 });
  });

  it('stops when a partition gives out an offset again, and keeps its position', async () => {
    const { ports, state, rows } = setUp();
    await relay(randomUsers, ports);
    rows.push(row(8));
    const send = async () => new Map([[2, 0]]);
    await expect(relay(randomUsers, { ...ports, topic: { ...ports.topic, send } })).rejects.toMatchObject({
      code: 'topic_truncated',
    });
    expect(state.position.seq).toBe(7);
  });
});
