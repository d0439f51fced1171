import { noKey } from '../infer/key.ts';
import type { Decider } from '../proposal.ts';

/** What --yes decides: the first of what is likely; a key that is not called one is never guessed. */
export const guesses: Decider = {
  list: async (lists) => lists[0] as (typeof lists)[number],
  address: async () => undefined,
  key: async ([first], fields) => {
    if (first?.isLikely) return first.field;
    throw noKey(fields);
  },
  time: async ([first]) => first,
  pii: async (fields) => new Map(fields.map(({ path, pii }) => [path, pii])),
};
