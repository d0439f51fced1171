import { z } from 'zod';
import { nouns } from '../streaming/nouns.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** The parts of an event that say which dead letters are meant. */
export const letterFilter = {
  at: z.enum(nouns).optional(),
  reason: z.string().optional(),
  run: z.string().optional(),
  identities: z.array(z.string()).min(1).max(1000).optional(),
  since: moment.optional(),
  until: moment.optional(),
};
