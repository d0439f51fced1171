/**
 * Which source a data folder is filled from. Live and sample never meet in one folder: both would fill the same
 * instants, and records that were made up here could never be replaced by those of an API. What holds, holds for all
 * pipelines of the folder: it is live only where every API answers.
 */
export type SourceKind = 'live' | 'sample';

export type SourceChoice =
  | { readonly ok: true; readonly source: string; readonly note: string | undefined }
  | { readonly ok: false; readonly problem: string };

export interface SourceQuestion {
  /** `live`, `sample` or an address; undefined when nobody said. */
  readonly asked: string | undefined;
  /** What the data folder holds already. */
  readonly held: SourceKind | undefined;
  /** Names of the pipelines whose API does not answer; asked only when it matters. */
  readonly unreachable: () => Promise<readonly string[]>;
}

export async function chooseSource({ asked, held, unreachable }: SourceQuestion): Promise<SourceChoice> {
  if (asked !== undefined && asked !== 'live' && asked !== 'sample') return chooseAddress(asked);
  if (asked !== undefined && held !== undefined && asked !== held) {
    return {
      ok: false,
      problem: `--source ${asked}: this data folder holds ${held} records, and the two never mix; choose another with --data DIR, or start over by removing it`,
    };
  }
  const wanted = asked ?? held;
  if (wanted !== undefined && (wanted === 'sample' || held === 'live'))
    return { ok: true, source: wanted, note: undefined };
  const away = await unreachable();
  if (away.length === 0) return { ok: true, source: 'live', note: undefined };
  return {
    ok: true,
    source: 'sample',
    note: `The API of ${away.join(' and of ')} cannot be reached from here, so this data folder is filled from samples: recorded and generated records of the same shape.`,
  };
}

function chooseAddress(asked: string): SourceChoice {
  const url = URL.canParse(asked) ? new URL(asked) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return { ok: true, source: asked, note: undefined };
  return { ok: false, problem: `--source: expected live, sample or an http(s) address, got ${JSON.stringify(asked)}` };
}
