import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { guesses } from '../../../local/scaffold/decide/guesses.ts';
import { questions } from '../../../local/scaffold/decide/questions.ts';
import { unattended } from '../../../local/scaffold/decide/unattended.ts';
import { type Decider, propose, type Said } from '../../../local/scaffold/proposal.ts';

const json = {
  old: [{ id: 'x' }, { id: 'y' }],
  people: [
    { id: 'a', ref_id: 'p', email: 'a@example.com', updated: '2026-11-27T15:00:00Z', created: '2020-01-01T00:00:00Z' },
    { id: 'b', ref_id: 'q', email: 'b@example.com', updated: '2026-11-27T15:01:00Z', created: '2020-01-02T00:00:00Z' },
  ],
};
const answer = { from: 'answer.json', address: undefined, json };
const said: Said = { every: '1m', text: [], skip: [] };
const proposed = (change: Partial<Said>, decide: Decider = guesses) =>
  propose('people', answer, { list: 'people', ...said, ...change }, decide);

describe('The guesses', () => {
  it('take what is likely', async () => {
    const { key, time, records, source, isAddressUnknown } = await proposed({});
    expect({ key: key.path, time: time?.field.path, records, url: source.url, isAddressUnknown }).toEqual({
      key: 'id',
      time: 'updated',
      records: 2,
      url: 'https://people.invalid/',
      isAddressUnknown: true,
    });
  });

  it.each([
    ['--key', { key: 'email' }, { key: { path: 'email' } }],
    ['--time', { time: 'created' }, { time: { kind: 'fixed' } }],
    ['--time none', { time: 'none' }, { time: undefined }],
    ['--records', { records: 7 }, { records: 7 }],
    ['--url', { url: 'https://a.example/?limit=50' }, { records: 50, isAddressUnknown: false }],
    ['--list', { list: 'old' }, { list: { path: 'old' } }],
  ])('give way to %s', async (_option, change, proposal) => {
    expect(await proposed(change)).toMatchObject(proposal);
  });

  it('never take a key that is not called one', async () => {
    const titled = { ...answer, json: [{ title: 'a' }, { title: 'b' }] };
    await expect(propose('titles', titled, said, guesses)).rejects.toThrow(/Unique here: title; choose with --key/);
  });

  it.each([
    ['http', 'http://a.example/', /--url: expected the https address .*, got http:/],
    [
      'a secret',
      'https://a.example/?api_key=hush',
      /^https:\/\/a\.example\/: expected an address without secrets, got api_key in it/,
    ],
  ])('refuse an address with %s', async (_what, url, message) => {
    await expect(proposed({ url })).rejects.toThrow(message);
  });
});

describe('Without a terminal', () => {
  it.each([
    ['the list', {}, '  --list old or people (guess: old)'],
    ['the key', { list: 'people' }, '  --key id or ref_id or email (guess: id)'],
    ['the time', { list: 'people' }, '  --time updated or created or none (guess: updated)'],
    ['PII', { list: 'people' }, expect.stringContaining('(guess: direct email; quasi id, ref_id)')],
    ['the address', {}, expect.stringContaining('--url <')],
  ])('%s is named with its guess, because a person would be asked', async (_what, change, line) => {
    const needed: string[] = [];
    await propose('people', answer, { ...said, ...change }, unattended(needed));
    expect(needed).toContainEqual(line);
  });
});

describe('A person is asked', { timeout: 120_000 }, () => {
  const [up, down, enter] = ['\u001B[A', '\u001B[B', '\r'];

  /** Presses the keys one after the other whenever the next question is on the screen. */
  async function answering(dialogue: readonly (readonly [question: string, ...keys: string[]])[]) {
    const terminal = { input: new PassThrough(), output: new PassThrough() };
    // Every question ends its output, which a terminal survives.
    terminal.output.end = () => terminal.output;
    let screen = '';
    terminal.output.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
    });
    const proposal = propose('people', answer, said, questions(terminal));
    for (const [question, ...keys] of dialogue) {
      await expect.poll(() => screen, { interval: 5, timeout: 15_000 }).toContain(question);
      screen = '';
      for (const key of keys) {
        terminal.input.write(key);
        await new Promise(setImmediate);
      }
    }
    return proposal;
  }

  it('what the sample leaves open, and the answers count', async () => {
    const { list, key, time, fields, source } = await answering([
      ['Which list', down, enter],
      ['tells the records apart', down, enter],
      ['second table', down, enter],
      ['says something about a person', down, down, enter],
      ['direct', up, up, enter],
      ['Address', 'https://a.example/people', enter],
    ]);
    expect({ list: list.path, key: key.path, time: time?.field.path, url: source.url }).toEqual({
      list: 'people',
      key: 'ref_id',
      time: 'created',
      url: 'https://a.example/people',
    });
    expect(fields.map(({ path, pii }) => `${path} ${pii}`)).toEqual([
      'id quasi',
      'ref_id direct',
      'email direct',
      'updated none',
      'created none',
    ]);
  });

  it('for one table only, when that is enough', async () => {
    const { time, isAddressUnknown } = await answering([
      ['Which list', down, enter],
      ['tells the records apart', enter],
      ['second table', down, down, enter],
      ['says something about a person', enter],
      ['Address', enter],
    ]);
    expect({ time, isAddressUnknown }).toEqual({ time: undefined, isAddressUnknown: true });
  });
});
