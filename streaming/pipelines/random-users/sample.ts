import { hash } from 'node:crypto';
import { generateMersenne53Randomizer } from '@faker-js/faker';
import type { PageAsk } from '../../definition.ts';
import { peopleFrom, uuidFrom } from './generator/person.ts';
import recorded from './recorded/people.json' with { type: 'json' };

/**
 * The API without the API: people in its shape, the same ones whenever the same page of the same seed is asked.
 * The first hundred of a run are real answers of the API under keys of their own, the others are generated.
 */
export function samplePage({ seed, page, size }: PageAsk): unknown[] {
  const real = page === 1 ? recorded.slice(0, size) : [];
  const person = peopleFrom(generateMersenne53Randomizer(numberFrom(`${seed}/${page}`)));
  return Array.from({ length: size }, (_, index) => {
    const uuid = uuidFrom(`${seed}/${page}/${index}`);
    const known = real[index];
    return known === undefined ? person(uuid) : { ...known, login: { ...known.login, uuid } };
  });
}

function numberFrom(words: string): number {
  return Number.parseInt(hash('md5', words).slice(0, 8), 16);
}
