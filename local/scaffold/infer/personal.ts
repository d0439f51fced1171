import type { PiiClass } from '../../../streaming/fields.ts';
import { wordsOf } from './names.ts';

/** What must never enter a system: the source may give it, a definition does not name it. */
const secret = /^(password|passwd|pwd|secret|salt|md5|sha1|sha256|token|apikey|ssn|cvv|pin)$/;

const direct =
  /^(email|mail|phone|mobile|cell|fax|surname|lastname|firstname|fullname|username|login|nickname|birth|birthday|birthdate|born|dob|ip|address|passport|iban|avatar|portrait|picture)$/;
const quasi =
  /^(gender|sex|nationality|nat|age|street|zip|zipcode|postcode|postal|city|town|county|country|lat|latitude|lon|lng|long|longitude|coordinates|occupation|job|employer|religion|race)$/;
/** Beside `name` they say that somebody is called so. */
const ofPerson =
  /^(first|last|full|given|family|middle|maiden|nick|user|person|people|customer|author|owner|contact|member|patient|employee)$/;

const email = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i;
const ipv4 = /^(\d{1,3}\.){3}\d{1,3}$/;
const phone = /^(?!\d{4}-\d\d)\+?\(?\d{1,4}\)?[ .-]\d[\d .()-]{5,}$/;

export const isSecret = (path: string) => wordsOf(path).some((word) => secret.test(word));

/** Guesses by name, then by value; on the safe side, because a person confirms them. */
export function piiOf(path: string, values: readonly unknown[]): PiiClass {
  const words = wordsOf(path);
  if (words.includes('name') && words.some((word) => ofPerson.test(word))) return 'direct';
  if (words.some((word) => direct.test(word))) return 'direct';
  if ([email, ipv4, phone].some((pattern) => mostlyLike(values, pattern))) return 'direct';
  return words.some((word) => quasi.test(word)) ? 'quasi' : 'none';
}

function mostlyLike(values: readonly unknown[], pattern: RegExp): boolean {
  const texts = values.filter((value) => typeof value === 'string' && value !== '');
  return texts.length > 0 && texts.filter((text) => pattern.test(text as string)).length * 2 > texts.length;
}
