import type { KafkaMessage } from 'kafkajs';
import { expect, it } from 'vitest';
import { chunksOf, kafkaEvent } from '../../local/event-source.ts';

const message = (offset: number, bytes: number): KafkaMessage => ({
  key: null,
  value: Buffer.alloc(bytes),
  timestamp: '1764003600000',
  attributes: 0,
  offset: String(offset),
  headers: {},
});
const sizes = (messages: KafkaMessage[]) => [...chunksOf(messages)].map((chunk) => chunk.length);
const many = (count: number, bytes: number) => Array.from({ length: count }, (_, offset) => message(offset, bytes));

it.each([
  ['nothing of nothing', [], []],
  ['few records together', many(3, 10), [3]],
  ['more than 500 records at 500', many(1001, 10), [500, 500, 1]],
  ['large records at 4 MB', many(5, 1_500_000), [2, 2, 1]],
  ['one record over the limit alone', [message(0, 10), message(1, 5_000_000), message(2, 10)], [1, 1, 1]],
])('cuts %s', (_, messages, expected) => {
  expect(sizes(messages)).toEqual(expected);
});

it('keeps every record, in order', () => {
  const offsets = [...chunksOf(many(1234, 9000))].flat().map(({ offset }) => Number(offset));
  expect(offsets).toEqual(Array.from({ length: 1234 }, (_, offset) => offset));
});

it('gives a record in the shape of Lambda’s MSK event', () => {
  const record = {
    ...message(41, 0),
    key: Buffer.from('id-1'),
    value: Buffer.from('{"kind":"dead"}'),
    headers: { run: Buffer.from('2026'), many: ['a', Buffer.from('b')], none: undefined },
  } as KafkaMessage;
  expect(kafkaEvent(['127.0.0.1:1', '127.0.0.1:2'], 'users.v1.audit', 0, [record])).toEqual({
    eventSource: 'aws:kafka',
    bootstrapServers: '127.0.0.1:1,127.0.0.1:2',
    records: {
      'users.v1.audit-0': [
        {
          topic: 'users.v1.audit',
          partition: 0,
          offset: 41,
          timestamp: 1764003600000,
          timestampType: 'CREATE_TIME',
          key: 'aWQtMQ==',
          value: 'eyJraW5kIjoiZGVhZCJ9',
          headers: [{ run: [50, 48, 50, 54] }, { many: [97] }, { many: [98] }],
        },
      ],
    },
  });
});

it('leaves key and value out of a tombstone without a key', () => {
  const { records } = kafkaEvent([], 't', 2, [{ ...message(0, 0), value: null }]);
  expect(records['t-2']?.[0]).toEqual({
    ...{ topic: 't', partition: 2, offset: 0, timestamp: 1764003600000, timestampType: 'CREATE_TIME', headers: [] },
  });
});
