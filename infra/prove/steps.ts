import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { StepName } from '../../functions/steps.ts';
import { functionName } from '../names.ts';

/** Calls a step and waits for its answer. */
export type CallStep = <Answer>(step: StepName, event: object) => Promise<Answer>;

/** A step that failed says why by the code of its error. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly code: string;

  constructor(step: string, code: string, message: string) {
    super(`${step}: ${code}: ${message}`);
    this.code = code;
  }
}

export function callStepsIn(region: string): CallStep {
  // A second invoke of a step that is still running would be a second run of it.
  const lambda = new LambdaClient({ region, maxAttempts: 1 });
  return async <Answer>(step: StepName, event: object) => {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName(step), Payload: JSON.stringify(event) }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
    if (FunctionError === undefined) return answer as Answer;
    const { errorType = 'unknown', errorMessage = 'no message' } = answer as Record<string, string>;
    throw new StepFailed(step, errorType, errorMessage);
  };
}
