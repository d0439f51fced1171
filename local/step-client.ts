import { InvokeCommand, LambdaClient, type LambdaClientConfig, TooManyRequestsException } from '@aws-sdk/client-lambda';
import { functionPrefix } from '../stages.ts';

/** Calls steps as AWS does: by the Lambda Invoke API, wherever it is served. */
export interface StepClient {
  /** Waits for the step's answer; a step that failed throws a StepFailure. */
  call<Answer>(step: string, event: object): Promise<Answer>;
  /** Answers once the call is accepted. */
  wake(step: string, event: object): Promise<void>;
  close(): void;
}

export interface StepEndpoint {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `millrace-`: what stands before a step's name in its function's name. */
  readonly functionPrefix: string;
}

/** What a step said when it failed: the code of its PipelineError and the message. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code: string;

  constructor(step: string, code: string, message: string) {
    super(`${step}: ${message}`);
    this.code = code;
  }
}

/** A client of Lambda that asks once. */
export function lambdaClient(config: LambdaClientConfig): LambdaClient {
  // Read by the SDK when its first client is made: what it says about Node 20 is for us, not for who runs a command.
  // biome-ignore lint/style/noProcessEnv: set for this process alone, never read by our code.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // No retries: a second invoke of a step that is still running would be a second run of it.
  return new LambdaClient({ ...config, maxAttempts: 1 });
}

export function stepClient({ url, region, accessKeyId, secretAccessKey, functionPrefix }: StepEndpoint): StepClient {
  const credentials = { accessKeyId, secretAccessKey };
  return stepsOf(lambdaClient({ endpoint: url, region, credentials }), functionPrefix);
}

/** The steps behind a client; `explain` says an error that is not a step's own as its reader understands it. */
export function stepsOf(
  lambda: LambdaClient,
  prefix = functionPrefix,
  explain: (error: unknown) => unknown = (error) => error,
): StepClient {
  const invoke = (step: string, event: object, type: 'RequestResponse' | 'Event') =>
    lambda
      .send(new InvokeCommand({ FunctionName: prefix + step, InvocationType: type, Payload: JSON.stringify(event) }))
      .catch((error) => {
        throw error instanceof TooManyRequestsException ? busy(step) : explain(error);
      });
  return {
    async call<Answer>(step: string, event: object): Promise<Answer> {
      const { Payload, FunctionError } = await invoke(step, event, 'RequestResponse');
      const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
      if (FunctionError === undefined) return answer as Answer;
      const { errorType = 'unknown', errorMessage = 'no message' } = answer as Record<string, string>;
      throw new StepFailure(step, errorType, errorMessage);
    },
    async wake(step, event) {
      await invoke(step, event, 'Event');
    },
    close: () => lambda.destroy(),
  };
}

/** Nothing has begun, so that calling again is safe. */
const busy = (step: string) =>
  new StepFailure(step, 'backpressure', 'expected a free function, got as many at work as may be; call it again');
