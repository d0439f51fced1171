import type { Person } from './people.ts';

/** A bad record made of a good one, with the noun and the reason that it must die of. */
export interface BadPerson {
  readonly at: 'source' | 'stream';
  readonly reason: string;
  readonly of: (good: Person) => unknown;
}

type Loose = Record<string, Record<string, unknown>>;

const change = (good: Person, edit: (copy: Loose) => void): unknown => {
  const copy = structuredClone(good) as unknown as Loose;
  edit(copy);
  return copy;
};

/** Each kind of bad record that a source may hand out, by name. */
export const badPeople = {
  missingKey: { at: 'source', reason: 'missing_key', of: (good) => change(good, (p) => delete p['login']?.['uuid']) },
  badKey: {
    at: 'source',
    reason: 'bad_uuid',
    of: (good) => ({ ...good, login: { ...good.login, uuid: 'not-a-uuid' } }),
  },
  missingField: { at: 'source', reason: 'missing', of: (good) => ({ ...good, email: null }) },
  impossibleDate: {
    at: 'source',
    reason: 'bad_timestamp',
    of: (good) => ({ ...good, dob: { date: '1987-02-30T10:00:00.000Z', age: 37 } }),
  },
  wrongType: { at: 'source', reason: 'wrong_type', of: (good) => ({ ...good, email: { at: 'example.com' } }) },
  oversizedText: { at: 'source', reason: 'too_long', of: (good) => ({ ...good, phone: '1'.repeat(5000) }) },
  oversizedRecord: {
    at: 'source',
    reason: 'record_too_long',
    of: (good) => ({ ...good, biography: 'x'.repeat(70_000) }),
  },
  nulByte: { at: 'source', reason: 'bad_text', of: (good) => ({ ...good, phone: 'a\0b' }) },
  notAnObject: { at: 'source', reason: 'not_an_object', of: () => 'a person' },
  bornAfterRegistered: {
    at: 'stream',
    reason: 'born_before_registered',
    of: (good) => ({ ...good, dob: { date: '2025-01-01T00:00:00.000Z', age: 1 } }),
  },
  addressWithoutAt: { at: 'stream', reason: 'email_has_at', of: (good) => ({ ...good, email: 'example.com' }) },
} satisfies Record<string, BadPerson>;

export type BadName = keyof typeof badPeople;
