import type { PiiClass } from '../../streaming/fields.ts';
import type { SampleAnswer } from './answer.ts';
import { fieldsOf, type Sampled, type SampledField, type Wishes } from './infer/fields.ts';
import { type KeyCandidate, keyCandidates, keyNamed, noKey } from './infer/key.ts';
import { type ListOfRecords, listNamed, listsIn, noList, rivalsOf } from './infer/lists.ts';
import { type PagingGuess, pagingOf, secretIn } from './infer/paging.ts';
import type { LeftOut } from './infer/shape.ts';
import { type RecordTime, timeCandidates, timeNamed } from './infer/time.ts';

/** Everything that is written into a definition. */
export interface Proposal {
  readonly name: string;
  /** Where the sample came from. */
  readonly from: string;
  /** Whether the address is only a stand-in, because nobody said one. */
  readonly isAddressUnknown: boolean;
  readonly source: PagingGuess;
  readonly list: ListOfRecords;
  readonly fields: readonly SampledField[];
  readonly leftOut: readonly LeftOut[];
  readonly key: SampledField;
  readonly time: RecordTime | undefined;
  readonly every: string;
  /** Records that one run asks for, or that one answer may hold. */
  readonly records: number;
}

/** What the caller has said already. */
export interface Said extends Wishes {
  readonly list?: string;
  readonly key?: string;
  /** `none`: one table by key is enough. */
  readonly time?: string;
  readonly url?: string;
  readonly every: string;
  readonly records?: number;
}

/** Who decides where the sample leaves it open: a person at a terminal, or the guesses. */
export interface Decider {
  list(lists: readonly ListOfRecords[]): Promise<ListOfRecords>;
  address(): Promise<string | undefined>;
  key(candidates: readonly KeyCandidate[], fields: readonly SampledField[]): Promise<SampledField>;
  time(candidates: readonly RecordTime[]): Promise<RecordTime | undefined>;
  pii(fields: readonly SampledField[]): Promise<ReadonlyMap<string, PiiClass>>;
}

/** From an answer to a definition: infers what can be inferred, and asks for the rest. */
export async function propose(name: string, answer: SampleAnswer, said: Said, decide: Decider): Promise<Proposal> {
  const list = await chosenList(answer, said, decide);
  const sampled = fieldsOf(list.records, said);
  const { fields, leftOut } = sampled;
  const key = await chosenKey(sampled, said, decide);
  const time = await chosenTime(sampled, said, decide);
  const classes = await decide.pii(fields);
  const classified = fields.map((field) => ({ ...field, pii: classes.get(field.path) ?? field.pii }));
  const { address, isUnknown } = await chosenAddress(name, answer, said, decide);
  const source = pagingOf(address);
  return {
    name,
    from: answer.from,
    isAddressUnknown: isUnknown,
    source,
    list,
    fields: classified,
    leftOut,
    key,
    time,
    every: said.every,
    records: said.records ?? source.size ?? list.records.length,
  };
}

async function chosenList({ json, from }: SampleAnswer, said: Said, decide: Decider): Promise<ListOfRecords> {
  const lists = listsIn(json);
  const [longest] = lists;
  if (longest === undefined) throw noList(json, from);
  if (said.list !== undefined) return listNamed(lists, said.list);
  const rivals = rivalsOf(lists);
  return rivals.length > 0 ? decide.list([longest, ...rivals]) : longest;
}

/** One likely candidate is taken unasked: it is called an id and it is one in the sample. */
async function chosenKey(sampled: Sampled, said: Said, decide: Decider): Promise<SampledField> {
  if (said.key !== undefined) return keyNamed(sampled, said.key);
  const { fields } = sampled;
  const candidates = keyCandidates(fields);
  if (candidates.length === 0) throw noKey(fields);
  const likely = candidates.filter(({ isLikely }) => isLikely);
  const [only, another] = likely;
  return only && !another ? only.field : decide.key(candidates, fields);
}

async function chosenTime(sampled: Sampled, said: Said, decide: Decider): Promise<RecordTime | undefined> {
  if (said.time === 'none') return undefined;
  if (said.time !== undefined) return timeNamed(sampled, said.time);
  const candidates = timeCandidates(sampled.fields);
  return candidates.length > 0 ? decide.time(candidates) : undefined;
}

async function chosenAddress(name: string, answer: SampleAnswer, said: Said, decide: Decider) {
  const address = said.url ?? answer.address?.href ?? (await decide.address());
  // .invalid never resolves (RFC 6761): asked by mistake, it is nobody's server.
  if (address === undefined) return { address: new URL(`https://${name}.invalid/`), isUnknown: true };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:')
    throw new Error(`--url: expected the https address that the pipeline will ask, got ${address}`);
  const secret = secretIn(url);
  if (secret === undefined) return { address: url, isUnknown: false };
  throw new Error(
    `${url.origin}${url.pathname}: expected an address without secrets, got ${secret} in it. It would stand in the definition and in the plan of every run; a source that needs a login cannot be a pipeline yet.`,
  );
}
