import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroTypeOf } from '../../streaming/avro.ts';
import type { Definition } from '../../streaming/definition.ts';
import type { Field } from '../../streaming/fields.ts';
import { type Projected, projectorOf } from '../../streaming/projection.ts';
import { anyPipeline, scalarIn } from './definitions.ts';

const canary = 'canary';
const canaryNumber = 424_242_424_242;

/** Text that PostgreSQL refuses is among it: NUL, and half of a surrogate pair. */
const anyText = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\0', '\ud800', '"'), maxLength: 300 });
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** Something that no definition names, at any depth, all of it marked. */
const forbidden = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>(canary, canaryNumber),
    fc.array(tie('value'), { minLength: 1, maxLength: 2 }),
    fc.dictionary(fc.constantFrom('canary-key', 'name', 'one', '__proto__'), tie('value'), { minKeys: 1, maxKeys: 2 }),
  ),
})).value;
/** No list of scalars: where the definition names a list, that is what it asked for. */
const container = forbidden.filter(
  (value) => typeof value === 'object' && !(Array.isArray(value) && value.some((one) => typeof one !== 'object')),
);

/** JSON knows neither instants nor where a long ends. */
function fitting(field: Field): fc.Arbitrary<unknown> {
  if (field.element) return fc.array(fitting(field.element), { maxLength: 5 });
  if (field.type === 'long') return fc.maxSafeInteger();
  const value = scalarIn(field);
  if (field.type !== 'timestamp') return value;
  return value.map((ms) => (field.unit === 's' ? Number(ms) / 1000 : new Date(Number(ms)).toISOString()));
}

/** A source's value for a field: mostly one that fits, else none, another kind, or an object full of canaries. */
function sourceValueOf(field: Field): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 20, arbitrary: fitting(field) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 2 ** 53 - 1, -0, 8.64e15) },
    { weight: 1, arbitrary: anyText },
    { weight: 1, arbitrary: container },
  );
}

/** What a source might say to a pipeline: its fields at their paths, canaries all around them and sometimes above them. */
function sourceRecordOf({ record }: Definition): fc.Arbitrary<unknown> {
  const fields = Object.values(record);
  return fc
    .record({
      around: fc.dictionary(fc.constantFrom('password', 'top2', 'a', 'b', 'hasOwnProperty'), container),
      values: fc.tuple(...fields.map(sourceValueOf)),
      broken: fc.option(
        fc.tuple(
          fc.constantFrom('a', 'b', 'list'),
          fc.oneof(fc.constantFrom<unknown>(canary, canaryNumber), container),
        ),
        { freq: 10 },
      ),
    })
    .map(({ around, values, broken }) => {
      const raw: Record<string, unknown> = JSON.parse(JSON.stringify(around));
      for (const [index, { from }] of fields.entries()) put(raw, from.split('.'), values[index]);
      // Whatever lay at the fields' paths below is gone with it.
      if (broken) raw[broken[0]] = typeof broken[1] === 'object' ? [broken[1]] : broken[1];
      return raw;
    });
}

function put(node: Record<string, unknown>, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    node[step] = value;
    return;
  }
  const isNode = Object.hasOwn(node, step) && typeof node[step] === 'object' && !Array.isArray(node[step]);
  if (!isNode) node[step] = {};
  put(node[step] as Record<string, unknown>, rest, value);
}

const pipelineAndRaw = anyPipeline.chain((pipeline) => fc.tuple(fc.constant(pipeline), sourceRecordOf(pipeline)));

const kept = (projected: Projected) => (projected.ok ? projected.record : projected.payload);

describe('the projection of any JSON', () => {
  it('never throws, names exactly the fields of the definition, and keeps only what PostgreSQL stores', () => {
    fc.assert(
      fc.property(anyPipeline, anyJson, (pipeline, raw) => {
        const values = kept(projectorOf(pipeline)(raw));
        expect(Object.keys(values)).toEqual(Object.keys(pipeline.record));
        for (const value of Object.values(values)) expect(String(value)).toSatisfy(isStorable);
        // What every object inherits is nothing that the source said.
        expect(Object.values(kept(projectorOf(pipeline)({}))).filter((value) => value !== null)).toEqual([]);
      }),
    );
  });

  it('never lets out anything that lies beside, above or below the fields of the definition', () => {
    fc.assert(
      fc.property(pipelineAndRaw, ([pipeline, raw]) => {
        const answer = JSON.stringify(projectorOf(pipeline)(raw));
        expect(answer).not.toContain(canary);
        expect(answer).not.toContain(String(canaryNumber));
      }),
      { numRuns: 500 },
    );
  });

  it('accepts only what lands, is encoded and is decoded as itself', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(pipelineAndRaw, ([pipeline, raw]) => {
        const projected = projectorOf(pipeline)(raw);
        seen[projected.ok ? 'accepted' : 'refused'] += 1;
        expect(Object.values(kept(projected)).map(String)).toSatisfy((texts: string[]) => texts.every(isStorable));
        if (!projected.ok) return;
        const landed = JSON.parse(JSON.stringify(projected.record));
        const type = avroTypeOf(pipeline);
        expect({ ...type.fromBuffer(type.toBuffer(landed)) }).toEqual(landed);
      }),
      { numRuns: 500 },
    );
    // A generator that makes only one kind would prove nothing.
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(25);
  });
});

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
