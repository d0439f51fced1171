import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesOf } from '../../../../local/scaffold/infer/names.ts';
import { isLegalName } from '../../../../streaming/mistakes.ts';

const nameOf = (...paths: string[]) => [...namesOf(paths).values()];

describe('A field is named', () => {
  it.each([
    ['as the source says', ['station_id'], ['station_id']],
    ['in snake case', ['lastReported'], ['last_reported']],
    ['in snake case, abbreviations whole', ['HTTPStatus'], ['http_status']],
    ['without hyphens and marks', ['Größe-in-m'], ['gro_e_in_m']],
    ['with what it lies in', ['location.lat'], ['location_lat']],
    ['with the nearest that it lies in', ['location.street.number'], ['street_number']],
    ['without an object that only wraps', ['properties.mag'], ['mag']],
    ['without saying it twice', ['station.station_id'], ['station_id']],
    ['with more of its path when two would be called alike', ['a.b.c', 'd.b.c'], ['b_c', 'd_b_c']],
    ['with a word more when nothing else is left', ['a-b', 'a_b'], ['a_b', 'the_a_b']],
    ['with a word more when CQL keeps it for itself', ['order', 'to'], ['the_order', 'the_to']],
    ['with a number when even that is taken', ['a-b', 'a_b', 'a+b'], ['a_b', 'the_a_b', 'the_a_b_2']],
    ['with a word more when it is one letter', ['x'], ['the_x']],
    ['with a word before when it begins with a digit', ['24h'], ['the_24h']],
    ['somehow when nothing of it is legal', ['北京'], ['the_value']],
  ])('%s', (_what, paths, names) => {
    expect(nameOf(...paths)).toEqual(names);
  });

  it('legally and once, whatever the source calls it', () => {
    const step = fc
      .oneof(fc.string({ minLength: 1, maxLength: 60 }), fc.constantFrom('id', 'order', 'a', 'A', '1'))
      .filter((text) => !text.includes('.'));
    const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), (paths) => {
        const names = nameOf(...paths);
        expect(names.filter((name) => !isLegalName(name))).toEqual([]);
        expect(new Set(names).size).toBe(paths.length);
      }),
    );
  });
});
