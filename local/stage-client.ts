import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { functionPrefix } from '../stages.ts';
import { lambdaClient, type StepClient, stepsOf } from './step-client.ts';

/** A stage on AWS; one account and region holds one. */
export interface Stage {
  readonly stage: string;
  readonly region: string;
}

/** Longer than a step may take: Lambda's own answer comes first. */
const patienceMs = 310_000;
const connectMs = 10_000;

/** The steps of a stage, as whom this shell is known to AWS; nothing is called before it is known to be this stage. */
export function stageClient(on: Stage, waitMs = patienceMs): StepClient {
  const lambda = lambdaClient({
    region: on.region,
    requestHandler: { requestTimeout: waitMs, throwOnRequestTimeout: true, connectionTimeout: connectMs },
  });
  const explain = (error: unknown) => explained(error, on);
  const steps = stepsOf(lambda, functionPrefix, explain);
  let checked: Promise<void> | undefined;
  const check = () => {
    checked ??= lambda
      .send(new GetFunctionConfigurationCommand({ FunctionName: `${functionPrefix}inspect` }))
      .then(({ Environment }) => refuseOther(on, Environment?.Variables?.['STAGE']))
      .catch((error) => {
        throw explain(error);
      });
    return checked;
  };
  return {
    call: async <Answer>(step: string, event: object) => {
      await check();
      return steps.call<Answer>(step, event);
    },
    wake: async (step, event) => {
      await check();
      await steps.wake(step, event);
    },
    close: steps.close,
  };
}

function refuseOther({ stage, region }: Stage, found = 'none that says its name'): void {
  if (found === stage) return;
  throw new Error(
    `--stage ${stage}: expected stage ${stage} in ${region} of this account, got ${found}; nothing was called. ` +
      'Say the other stage, or use the credentials of the account that has this one (AWS_PROFILE)',
  );
}

/** By the names that AWS and the SDK give their errors. */
const advice: Readonly<Record<string, (on: Stage) => string>> = {
  ResourceNotFoundException: ({ stage, region }) =>
    `expected its functions in ${region}, got none; deploy it (npm run deploy -- --stage ${stage}), or say --region`,
  CredentialsProviderError: () => 'expected credentials of AWS, got none; set AWS_PROFILE, or log in (aws sso login)',
  ExpiredTokenException: () => 'expected credentials of AWS that are valid, got expired ones; log in again',
  UnrecognizedClientException: () =>
    'expected credentials that AWS knows, got others; look at AWS_PROFILE and the keys',
  InvalidSignatureException: () =>
    'expected a signature that AWS accepts, got another; look at the secret key and the clock',
  AccessDeniedException: () =>
    'expected a user who may lambda:InvokeFunction and lambda:GetFunctionConfiguration on millrace-*, got one who may not',
  RequestTooLargeException: () => 'expected an event of at most 6 MB, got a larger one; name less at once',
  TimeoutError: () => 'expected an answer, got none in time; whether the step went on its log says (/aws/lambda)',
};

const unreachable = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH)$/;

/** What went wrong between here and the step, and what to do; an error of ours stays as it is. */
function explained(error: unknown, on: Stage): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, code } = error as Error & { code?: string };
  const known = unreachable.test(code ?? '')
    ? `expected AWS in ${on.region} to be reachable, got ${code}; look at the network and the proxy`
    : advice[name]?.(on);
  if (known === undefined) return error;
  return new Error(`--stage ${on.stage}: ${known} (${message || name})`, { cause: error });
}
