import { describe, expect, it } from 'vitest';
import { decode, messageJson, messageLines, startOffset } from '../../../local/commands/peek-message.ts';
import { codecOf } from '../../../streaming/avro.ts';
import { frameEncoder, type SchemaId } from '../../../streaming/framing.ts';

const type = codecOf({ type: 'record', name: 'R', fields: [{ name: 'id', type: 'string' }] });
const schemaOf = async (id: SchemaId) => {
  if (id !== 7) throw new Error(`schema ${id}: the registry answered 404`);
  return type;
};
const value = frameEncoder(type, 7)({ id: 'x' });
const raw = { offset: '3', timestamp: '0', key: Buffer.from('\u001b[2J'), value, headers: { run: Buffer.from('r') } };

describe('A peeked message', () => {
  it('is decoded by the schema that its frame names', async () => {
    expect(await decode(value, false, schemaOf)).toMatchObject({ value: { id: 'x' } });
  });

  it.each<[string, Buffer | null, boolean, object]>([
    ['a tombstone', null, false, { value: null }],
    ['an audit message', Buffer.from('{"kind":"started"}'), true, { value: { kind: 'started' } }],
    ['bad JSON', Buffer.from('{'), true, { hex: '7b' }],
    ['no frame', Buffer.from([1, 2]), false, { hex: '0102', reason: expect.stringContaining('header of a registry') }],
    ['an unknown schema', frameEncoder(type, 8)({ id: 'x' }), false, { reason: expect.stringContaining('404') }],
    ['a truncated payload', value.subarray(0, -1), false, { hex: value.subarray(0, -1).toString('hex') }],
  ])('shows %s', async (_, bytes, isAudit, expected) => {
    expect(await decode(bytes, isAudit, schemaOf)).toMatchObject(expected);
  });

  it('sends no control codes to the terminal', () => {
    const lines = messageLines(messageJson('t', 0, raw, { value: 1 }));
    expect(lines).not.toContain('\u001b');
    expect(lines).toContain('{"run":"r"}');
  });

  it.each([
    ['beginning', 5],
    ['end', 9],
    ['7', 7],
    ['1', 5],
    ['100', 9],
  ])('is first looked for at %s -> %i of [5, 9)', (from, expected) => {
    expect(startOffset(from, { low: 5, high: 9 })).toBe(expected);
  });
});
