/** A store, gone through piece by piece: `at` says where a piece begins, null the first. */
export interface Place {
  readonly name: string;
  readonly visit: (at: string | null) => Promise<Visit>;
}

export interface Visit {
  /** Of every row that was found its key. */
  readonly keys: readonly string[];
  /** Where to go on; null when the place is done. */
  readonly at: string | null;
}

/** How far a walk through all places has come; small, so that it fits a cursor. */
export interface Walk {
  readonly place: number;
  readonly at: string | null;
  /** Rows by place. */
  readonly found: Readonly<Record<string, number>>;
  /** Which of the keys were seen, by their index in the list. */
  readonly known: readonly number[];
}

export const start: Walk = { place: 0, at: null, found: {}, known: [] };

/** Visits place after place while it may go on. */
export async function walk(
  places: readonly Place[],
  keys: readonly string[],
  from: Walk,
  goesOn: (walk: Walk) => boolean,
): Promise<Walk> {
  let now = from;
  for (;;) {
    const place = places[now.place];
    if (place === undefined || !goesOn(now)) return now;
    now = after(now, place.name, await place.visit(now.at), keys);
  }
}

function after(walk: Walk, name: string, visit: Visit, keys: readonly string[]): Walk {
  const seen = new Set(visit.keys);
  const news = keys.flatMap((key, index) => (seen.has(key) && !walk.known.includes(index) ? index : []));
  return {
    place: visit.at === null ? walk.place + 1 : walk.place,
    at: visit.at,
    found: { ...walk.found, [name]: (walk.found[name] ?? 0) + visit.keys.length },
    known: [...walk.known, ...news],
  };
}
