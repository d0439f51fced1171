import { hash } from 'node:crypto';
import { base, en, Faker, type Randomizer } from '@faker-js/faker';
import { type Nation, nations } from './nations.ts';

/** Every age is counted from here: a page must not change with the day it is made on. */
const today = Date.parse('2026-01-01T00:00:00Z');
const yearMs = 365.2425 * 86_400_000;
const bornBetween = [Date.parse('1944-01-01T00:00:00Z'), Date.parse('2001-12-31T00:00:00Z')] as const;
const registeredBetween = [Date.parse('2002-03-01T00:00:00Z'), Date.parse('2022-06-01T00:00:00Z')] as const;

/** A stable uuid: the same words give the same one. */
export function uuidFrom(words: string): string {
  const hex = hash('md5', words);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A maker of people in the shape of the API's answers, forbidden fields included; its order of draws is its seed. */
export function peopleFrom(randomizer: Randomizer): (uuid: string) => object {
  const makers = nations.map((nation) => ({
    nation,
    faker: new Faker({ locale: [nation.locale, en, base], randomizer }),
  }));
  const below = (count: number) => Math.floor(randomizer.next() * count);
  return (uuid) => {
    const { nation, faker } = makers[below(makers.length)] as (typeof makers)[number];
    return person({ nation, faker, below, uuid });
  };
}

interface Draw {
  readonly nation: Nation;
  readonly faker: Faker;
  /** A whole number from 0 to below the count. */
  readonly below: (count: number) => number;
  readonly uuid: string;
}

function person(draw: Draw): object {
  const { nation, faker, below } = draw;
  const gender = below(2) === 0 ? 'female' : 'male';
  const first = faker.person.firstName(gender);
  const last = faker.person.lastName(gender);
  const username = `${faker.color.human()}${faker.animal.type()}${below(1000)}`.replaceAll(/[^a-z0-9]/gi, '');
  return {
    gender,
    name: { title: gender === 'male' ? 'Mr' : ['Miss', 'Ms', 'Mrs'][below(3)], first, last },
    location: location(draw),
    email: `${latin(first) || username}.${latin(last) || below(1000)}@example.com`,
    login: login(draw, username),
    dob: dated(below, bornBetween),
    registered: dated(below, registeredBetween),
    phone: filled(nation.phone, below),
    cell: filled(nation.cell, below),
    id: { name: nation.id[0], value: nation.id[1] === null ? null : filled(nation.id[1], below) },
    picture: picture(gender === 'male' ? 'men' : 'women', below(100)),
    nat: nation.nat,
  };
}

function location({ nation, faker, below }: Draw): object {
  return {
    street: { number: 1 + below(9999), name: faker.location.street() },
    city: faker.location.city(),
    state: faker.location.state(),
    country: nation.country,
    postcode: postcode(nation.postcode, below),
    coordinates: { latitude: degrees(90, below), longitude: degrees(180, below) },
    timezone: { offset: `${below(2) === 0 ? '+' : '-'}${below(12)}:00`, description: faker.location.timeZone() },
  };
}

function login({ uuid, below }: Draw, username: string): object {
  const password = `${filled('????????', below).toLowerCase()}${below(10)}`;
  const salt = filled('????????', below);
  const salted = password + salt;
  return {
    uuid,
    username,
    password,
    salt,
    md5: hash('md5', salted),
    sha1: hash('sha1', salted),
    sha256: hash('sha256', salted),
  };
}

function picture(folder: string, number: number): object {
  const under = 'https://randomuser.me/api/portraits';
  return {
    large: `${under}/${folder}/${number}.jpg`,
    medium: `${under}/med/${folder}/${number}.jpg`,
    thumbnail: `${under}/thumb/${folder}/${number}.jpg`,
  };
}

function dated(below: Draw['below'], [from, until]: readonly [number, number]): object {
  const ms = from + below(until - from);
  return { date: new Date(ms).toISOString(), age: Math.floor((today - ms) / yearMs) };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function filled(pattern: string, below: Draw['below']): string {
  let text = '';
  for (const sign of pattern) {
    if (sign === '#') text += below(10);
    else text += sign === '?' ? letters.charAt(below(letters.length)) : sign;
  }
  return text;
}

function postcode(pattern: string, below: Draw['below']): string | number {
  if (!/^#+$/.test(pattern)) return filled(pattern, below);
  const least = 10 ** (pattern.length - 1);
  return least + below(9 * least);
}

function degrees(most: number, below: Draw['below']): string {
  return ((below(20_001) / 10_000 - 1) * most).toFixed(4);
}

/** The part of a name that an address can hold; nothing is left of other alphabets. */
function latin(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
}
