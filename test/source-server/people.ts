import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** A record in the API's shape, as far as the tests look into it. */
export interface Person {
  readonly email: string;
  readonly login: { readonly uuid: string };
  readonly [field: string]: unknown;
}

const recordedPages = [1, 2];

/** 20,000 people: the recorded 10,000, and the same ones again under new keys and addresses. */
export function recordedPeople(): Person[] {
  const recorded = recordedPages.flatMap(readPage);
  return [...recorded, ...recorded.map((person) => rekeyed(person, 'again'))];
}

/** The same 20,000 under keys that nobody else has: what one test wrote must not pass for what another did. */
export function peopleOf(test: string): Person[] {
  return recordedPeople().map((person) => rekeyed(person, test));
}

function readPage(page: number): Person[] {
  const file = new URL(`../data/seed-millrace-page-${page}-of-5000.json.br`, import.meta.url);
  return (JSON.parse(brotliDecompressSync(readFileSync(file)).toString('utf8')) as { results: Person[] }).results;
}

/** The same person under another key and address. */
export function rekeyed(person: Person, salt: string): Person {
  const hex = createHash('sha256').update(`${salt} ${person.login.uuid}`).digest('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { ...person, email: `${salt}.${person.email}`, login: { ...person.login, uuid } };
}
