import { z } from 'zod';
import { letterFilter } from '../filter.ts';
import { letterStates } from '../ports.ts';

const pipeline = z.string();

/** Everything that can be asked; nothing of it changes anything. */
export const question = z.discriminatedUnion('question', [
  z.object({ question: z.literal('status'), pipeline: pipeline.optional() }),
  z.object({ question: z.literal('account'), pipeline, run: z.string() }),
  /** Which of some runs the tables have not absorbed yet. */
  z.object({ question: z.literal('absorbed'), pipeline, runs: z.array(z.string()).max(1000) }),
  /** The newest instant that has passed and has no run. */
  z.object({ question: z.literal('free_instant'), pipeline }),
  z.object({
    question: z.literal('keys'),
    pipeline,
    run: z.string(),
    /** Rows after this seq. */
    after: z.int().nonnegative().default(0),
    limit: z.int().positive().max(5000).default(5000),
    /** A sample: only rows whose seq this divides. */
    every: z.int().positive().default(1),
  }),
  z.object({
    question: z.literal('dead'),
    pipeline,
    ...letterFilter,
    state: z.enum(letterStates).optional(),
    limit: z.int().positive().max(500).default(100),
    /** `next` of the answer before. */
    after: z
      .string()
      .regex(/^\d+:./)
      .optional(),
  }),
]);

export type Question = z.infer<typeof question>;
export type Asked<Q extends Question['question']> = Extract<Question, { question: Q }>;
