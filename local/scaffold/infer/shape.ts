/** What a sample holds at one dot path, over all its records. */
export interface Shape {
  readonly path: string;
  /** Values that are there: neither absent nor null, and no objects. */
  readonly values: readonly unknown[];
  /** Records with an object there; its fields have paths of their own. */
  readonly objects: number;
}

/** A field of the source that a definition cannot or should not hold, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** Deepest nesting that is looked at. */
const deepest = 8;

type Open = Shape & { readonly values: unknown[]; objects: number };

/** Flattens the records: one shape per dot path, in the order in which the sample names them. */
export function shapesOf(records: readonly object[]): { shapes: readonly Shape[]; leftOut: readonly LeftOut[] } {
  const shapes = new Map<string, Open>();
  const leftOut = new Map<string, LeftOut>();

  const visit = (value: unknown, path: readonly string[]) => {
    const shape = shapeAt(shapes, path.join('.'));
    if (value === null) return;
    if (!isObject(value)) {
      shape.values.push(value);
      return;
    }
    shape.objects += 1;
    if (path.length === deepest) leftOut.set(shape.path, { path: shape.path, why: `nested deeper than ${deepest}` });
    else visitAll(value, path);
  };
  const visitAll = (record: object, path: readonly string[]) => {
    for (const [name, value] of Object.entries(record)) {
      const inner = [...path, name];
      if (name !== '' && !name.includes('.')) visit(value, inner);
      else leftOut.set(inner.join('.'), { path: inner.join('.'), why: 'a name that no dot path can say' });
    }
  };

  for (const record of records) visitAll(record, []);
  return { shapes: [...shapes.values()], leftOut: [...leftOut.values()] };
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shapeAt(shapes: Map<string, Open>, path: string): Open {
  const known = shapes.get(path);
  if (known) return known;
  const shape = { path, values: [], objects: 0 };
  shapes.set(path, shape);
  return shape;
}
