import { describe, expect, it } from 'vitest';
import { earthquakes } from '../../../../streaming/pipelines/earthquakes/pipeline.ts';
import { samplePage } from '../../../../streaming/pipelines/earthquakes/sample.ts';
import { projectorOf } from '../../../../streaming/projection.ts';

interface Feature {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly status: string;
    readonly mag: number | null;
    readonly time: number;
    readonly updated: number;
  };
}

const start = Date.parse('2026-11-24T17:00:00Z');
const minutesOn = (minutes: number) => new Date(start + minutes * 60_000).toISOString();

/** The window of so many minutes that begins so many minutes after the start. */
const windowAt = (minute: number, length = 1, page = 1, size = 1000) =>
  samplePage({ page, size, from: minutesOn(minute), until: minutesOn(minute + length) }) as Feature[];

const minutes = Array.from({ length: 360 }, (_, minute) => windowAt(minute));
const all = minutes.flat();
const revisionsOf = (id: string) => all.filter((feature) => feature.id === id);
const again = [...new Set(all.map(({ id }) => id))].filter((id) => revisionsOf(id).length > 1);

describe('The sample of earthquakes', () => {
  it('is the same whenever a window is asked', () => {
    expect(minutes.slice(0, 60)).toEqual(minutes.slice(0, 60).map((_, minute) => windowAt(minute)));
  });

  it('gives a window only what changed in it', () => {
    for (const [minute, features] of minutes.entries())
      for (const { properties } of features) {
        expect(properties.updated).toBeGreaterThanOrEqual(start + minute * 60_000);
        expect(properties.updated).toBeLessThan(start + (minute + 1) * 60_000);
      }
  });

  it('gives a longer window the newest revision of each of its earthquakes, the oldest first', () => {
    const long = windowAt(0, 360);
    const newest = new Map(all.map((feature) => [feature.id, feature]));
    expect(long).toEqual([...newest.values()].sort((a, b) => a.properties.time - b.properties.time));
  });

  it('is often empty for a minute, and never for an hour', () => {
    const empty = minutes.filter((features) => features.length === 0).length / minutes.length;
    expect(empty).toBeGreaterThan(0.2);
    expect(empty).toBeLessThan(0.5);
    for (let hour = 0; hour < 6; hour += 1) expect(windowAt(hour * 60, 60)).not.toEqual([]);
  });

  it('revises: a later window holds the same earthquake, looked at and measured anew', () => {
    expect(again.length).toBeGreaterThan(50);
    const first = again.flatMap((id) => revisionsOf(id).filter(({ properties }) => properties.status === 'automatic'));
    expect(first.length).toBeGreaterThan(50);
    const moved = again.filter((id) => new Set(revisionsOf(id).map(({ properties }) => properties.mag)).size > 1);
    expect(moved.length / again.length).toBeGreaterThan(0.9);
    for (const id of again) {
      const [earlier, later] = revisionsOf(id) as [Feature, Feature];
      expect(later.properties.updated).toBeGreaterThan(earlier.properties.updated);
      expect(later.properties).toMatchObject({ status: 'reviewed', time: earlier.properties.time });
    }
  });

  it('revises some hours later', () => {
    const late = all.filter(({ properties }) => properties.updated - properties.time > 60 * 60_000);
    expect(late.length).toBeGreaterThan(5);
  });

  it('gives a window in pages, none twice and none left out', () => {
    const whole = windowAt(0, 60);
    const pages = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((page) => windowAt(0, 60, page, 7));
    expect(whole.length).toBeGreaterThan(14);
    expect(whole.length).toBeLessThan(63);
    expect(pages).toEqual(whole);
    expect(windowAt(0, 60, 10, 7)).toEqual([]);
  });

  it('is good: every record passes the allow-list and lies on earth', () => {
    const project = projectorOf(earthquakes);
    for (const feature of all) {
      const projected = project(feature);
      if (!projected.ok) expect.unreachable(`${projected.reason} in ${projected.field}`);
      const { longitude, latitude } = projected.record as { longitude: number; latitude: number };
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
    }
  });

  it.each(['mag', 'place', 'magType', 'nst', 'alert', 'felt'])(
    'sometimes does not know %s, and sometimes does',
    (name) => {
      const known = new Set(all.map(({ properties }) => properties[name] !== null));
      expect(known).toEqual(new Set([true, false]));
    },
  );

  it('has the shape of the API, in its order', () => {
    const named =
      'mag place time updated tz url detail felt cdi mmi alert status tsunami sig net code ids sources types nst dmin rms gap magType type title';
    for (const feature of all) {
      expect(Object.keys(feature)).toEqual(['type', 'properties', 'geometry', 'id']);
      expect(Object.keys(feature.properties).join(' ')).toBe(named);
    }
  });
});
