import { hash } from 'node:crypto';
import { generateMersenne53Randomizer } from '@faker-js/faker';
import { type Region, regions } from './regions.ts';

/** What one earthquake is for good; its revisions say ever better what that was. */
export interface Quake {
  readonly id: string;
  readonly code: string;
  readonly region: Region;
  readonly time: number;
  readonly longitude: number;
  readonly latitude: number;
  readonly depth: number;
  readonly magnitude: number;
  readonly place: string | null;
  /** When each revision came out, oldest first. */
  readonly updates: readonly number[];
  /** How many people felt it. */
  readonly felt: number | null;
  readonly isBlast: boolean;
}

/** What is known of an earthquake from a time on. */
export interface Revision {
  readonly quake: Quake;
  readonly updated: number;
  /** The first one, 0, is a machine's. */
  readonly number: number;
}

const minuteMs = 60_000;
/** No revision comes later than this after its earthquake. */
export const lastUpdateMs = 6 * 60 * minuteMs;
/** Of ten minutes so many have an earthquake. */
const shakenOfTen = 5;

/** Every revision of the earthquakes of one minute, counted from 1970: the same ones whenever that minute is asked. */
export function revisionsOf(minute: number): readonly Revision[] {
  const draw = drawFrom(`earthquakes of minute ${minute}`);
  if (below(draw, 10) >= shakenOfTen) return [];
  const quake = quakeOf(minute, draw);
  return quake.updates.map((updated, number) => ({ quake, updated, number }));
}

/** From 0 to below 1, in an order that the words decide. */
export type Draw = () => number;

export function drawFrom(words: string): Draw {
  const randomizer = generateMersenne53Randomizer(Number.parseInt(hash('md5', words).slice(0, 8), 16));
  return () => randomizer.next();
}

export const below = (draw: Draw, count: number) => Math.floor(draw() * count);
export const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

function quakeOf(minute: number, draw: Draw): Quake {
  const region = regions[below(draw, regions.length)] as Region;
  const time = minute * minuteMs + below(draw, minuteMs);
  // Ten times fewer with each step of the scale.
  const magnitude = Math.min(region.least - Math.log10(1 - draw()), 8.5);
  return {
    id: `${region.net}${minute}`,
    code: String(minute),
    region,
    time,
    longitude: rounded(region.longitude + (draw() - 0.5) / 2, 4),
    latitude: rounded(region.latitude + (draw() - 0.5) / 2, 4),
    depth: rounded(draw() * 30, 2),
    magnitude,
    place: below(draw, 40) === 0 ? null : `${1 + below(draw, 30)} km ${bearings[below(draw, 8)]} of ${region.town}`,
    updates: updatesOf(time, draw),
    felt: magnitude > 2.5 ? 1 + below(draw, 200) : null,
    isBlast: magnitude < 2.5 && below(draw, 20) === 0,
  };
}

const bearings = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'];

/** The machine's own after a minute or two; most are looked at within half an hour, some again hours later. */
function updatesOf(time: number, draw: Draw): readonly number[] {
  const first = time + minuteMs + below(draw, 2 * minuteMs);
  const second = first + 2 * minuteMs + below(draw, 25 * minuteMs);
  const third = second + 60 * minuteMs + below(draw, 4 * 60 * minuteMs);
  return [first, second, third].slice(0, [1, 2, 2, 2, 3][below(draw, 5)]);
}
