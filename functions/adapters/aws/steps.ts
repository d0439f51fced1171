import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { lazily } from '../../once.ts';
import type { Steps } from '../../ports.ts';

/** Port Steps on Lambda's asynchronous invoke: the service holds the event and tries twice more when a step fails. */
export function lambdaSteps(prefix: string, client = lazily(() => new LambdaClient())): Steps {
  return {
    async wake(step, event) {
      await client().send(
        new InvokeCommand({ FunctionName: prefix + step, InvocationType: 'Event', Payload: JSON.stringify(event) }),
      );
    },
  };
}
