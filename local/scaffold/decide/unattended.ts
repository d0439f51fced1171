import type { Decider } from '../proposal.ts';
import { guesses } from './guesses.ts';

/** Takes the guesses, and notes in `needed` what a person would have been asked, and how to say it without a question. */
export function unattended(needed: string[]): Decider {
  const note = (line: string) => needed.push(`  ${line}`);
  return {
    list: async (lists) => {
      const taken = await guesses.list(lists);
      note(`--list ${lists.map(({ path }) => path).join(' or ')} (guess: ${taken.path})`);
      return taken;
    },
    address: async () => {
      note('--url <the https address that the pipeline will ask> (guess: not known yet)');
      return undefined;
    },
    key: async (candidates, fields) => {
      const taken = await guesses.key(candidates, fields);
      note(`--key ${candidates.map(({ field }) => field.path).join(' or ')} (guess: ${taken.path})`);
      return taken;
    },
    time: async (candidates) => {
      const taken = await guesses.time(candidates);
      note(`--time ${candidates.map(({ field }) => field.path).join(' or ')} or none (guess: ${taken?.field.path})`);
      return taken;
    },
    pii: async (fields) => {
      const of = (pii: string) =>
        fields
          .filter((field) => field.pii === pii)
          .map(({ path }) => path)
          .join(', ') || 'no field';
      note(
        `what says something about a person, to be corrected in the definition (guess: direct ${of('direct')}; quasi ${of('quasi')})`,
      );
      return guesses.pii(fields);
    },
  };
}
