import { z } from 'zod';
import { PipelineError } from '../streaming/errors.ts';
import { readEnvironment } from './env.ts';
import { log } from './log.ts';
import { type Measure, measured } from './metrics.ts';
import type { StepName } from './steps.ts';

/** What Lambda gives a handler, as far as the steps use it. */
export interface StepContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Makes a Lambda handler of a step: checks its event, logs one line with its answer and one for each pipeline that was
 * measured, lets errors leave by their code.
 */
export function stepHandler<E, A extends object>(
  step: StepName,
  event: z.ZodType<E>,
  run: (event: E, context: StepContext, measure: Measure) => Promise<A>,
  /** What of the answer is logged; answers that hold records say less. */
  logged: (answer: A) => object = (answer) => answer,
): (event: unknown, context: StepContext) => Promise<A> {
  return async (input, context) => {
    const started = Date.now();
    const { measure, lines } = measured(readEnvironment().STAGE);
    try {
      const answer = await run(checkedEvent(step, event, input), context, measure);
      log.info({ step, ms: Date.now() - started, answer: logged(answer) }, step);
      return answer;
    } catch (error) {
      log.error({ step, ms: Date.now() - started, err: error }, step);
      throw shaped(error);
    } finally {
      // A call that failed has measured as well.
      for (const line of lines(Date.now())) log.info(line);
    }
  };
}

function checkedEvent<E>(step: StepName, event: z.ZodType<E>, input: unknown): E {
  const parsed = event.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new PipelineError(`${step}: expected an event that fits, got ${z.prettifyError(parsed.error)}`, {
    code: 'bad_request',
    at: 'source',
    retriable: false,
  });
}

/** Lambda answers an error's name as `errorType`: the code goes there, so that a caller reads it without parsing text. */
function shaped(error: unknown): Error {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const leaving = new Error(thrown.message, { cause: thrown.cause });
  leaving.name = thrown instanceof PipelineError ? thrown.code : 'step_failed';
  return leaving;
}
