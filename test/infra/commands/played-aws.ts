import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the account is like; each test changes what it is about. */
export interface PlayedAccount {
  readonly account: string;
  /** Stacks with their outputs; CDKToolkit is one of them. */
  readonly stacks: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly concurrency: number;
  readonly kafka: readonly string[];
  readonly releases: readonly string[];
  /** Answer of a function, by its name. */
  readonly invoke: (functionName: string, event: Record<string, unknown>) => object;
  /** The stage whose functions are there; none. */
  readonly stage: string | null;
  /** What Lambda says instead of an answer. */
  readonly lambda: { readonly status: number; readonly error: string; readonly says?: string } | null;
  /** Refuses whoever asks who they are. */
  readonly isExpired: boolean;
}

export const usualAccount: PlayedAccount = {
  account: '111122223333',
  stacks: { CDKToolkit: { BootstrapVersion: '30' } },
  concurrency: 1000,
  kafka: ['3.9.x.kraft', '4.1.x.kraft'],
  releases: ['emr-7.13.0'],
  invoke: () => ({}),
  stage: 'dev',
  lambda: null,
  isExpired: false,
};

interface Played {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** AWS on loopback, in the forms that its API references print: the very SDK clients talk to it. */
export class PlayedAws {
  played: PlayedAccount = usualAccount;
  /** `service/action`, as signed and as asked. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status = 200, type, body, headers }) => {
        response.writeHead(status, { 'content-type': type, ...headers }).end(body);
      });
    });
  }

  static async start(): Promise<PlayedAws> {
    const played = new PlayedAws();
    // Longer than a client keeps an idle connection, so that none is closed under a request.
    played.#server.keepAliveTimeout = 65_000;
    played.#server.listen(0, '127.0.0.1');
    await once(played.#server, 'listening');
    return played;
  }

  /** Environment of a shell that rehearses. */
  environment(): NodeJS.ProcessEnv {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const services = ['STS', 'CLOUDFORMATION', 'LAMBDA', 'KAFKA', 'EMR'];
    return {
      ...credentials,
      ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage): Promise<Played> {
    const body = await text(request);
    const service = /Credential=[^/]+\/\d+\/[\w-]+\/([\w-]+)\//.exec(request.headers.authorization ?? '')?.[1];
    const action = actionOf(request, body);
    this.asked.push(`${service}/${action}`);
    return this.#answers(action, request.url ?? '', body);
  }

  #answers(action: string, url: string, body: string): Played {
    switch (action) {
      case 'GetCallerIdentity':
        return this.played.isExpired ? expired : xml('GetCallerIdentity', identity(this.played));
      case 'DescribeStacks':
        return xml('DescribeStacks', `<Stacks>${Object.entries(this.played.stacks).map(stack).join('')}</Stacks>`);
      case 'account-settings':
        return json({ AccountLimit: { ConcurrentExecutions: this.played.concurrency } });
      case 'kafka-versions':
        return json({ kafkaVersions: this.played.kafka.map((version) => ({ version, status: 'ACTIVE' })) });
      case 'ListReleaseLabels':
        return json({ ReleaseLabels: this.played.releases });
      case 'configuration':
        if (this.played.stage === null) return refusal({ status: 404, error: 'ResourceNotFoundException' });
        return json({ Environment: { Variables: { STAGE: this.played.stage } } });
      case 'invocations': {
        if (this.played.lambda !== null) return refusal(this.played.lambda);
        const name = /functions\/([^/]+)\//.exec(url)?.[1] ?? '';
        return answerOf(this.played.invoke(name, JSON.parse(body || '{}') as Record<string, unknown>));
      }
      case 'airflow-page':
        return { status: 403, type: 'text/html', body: 'sign in' };
      default:
        return { status: 501, type: 'text/plain', body: `nobody plays ${action} ${url}` };
    }
  }
}

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDPLAYED',
  AWS_SECRET_ACCESS_KEY: 'played',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
};

function actionOf({ url = '', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  return new URLSearchParams(body).get('Action') ?? url.split('?')[0]?.split('/').filter(Boolean).at(-1) ?? '';
}

const json = (body: object): Played => ({ type: 'application/json', body: JSON.stringify(body) });

const refusal = ({ status, error, says = 'as played' }: NonNullable<PlayedAccount['lambda']>): Played => ({
  ...json({ Type: 'User', Message: says }),
  status,
  headers: { 'x-amzn-errortype': error },
});

/** What a handler threw is an answer too, with a header that says so. */
const answerOf = (answer: object): Played =>
  'errorType' in answer ? { ...json(answer), headers: { 'x-amz-function-error': 'Unhandled' } } : json(answer);

const xml = (action: string, body: string): Played => ({
  type: 'text/xml',
  body: `<${action}Response><${action}Result>${body}</${action}Result></${action}Response>`,
});

const expired: Played = {
  status: 403,
  type: 'text/xml',
  body: '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>',
};

const identity = ({ account }: PlayedAccount) =>
  `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/somebody</Arn><UserId>AIDA</UserId>`;

const stack = ([name, outputs]: [string, Readonly<Record<string, string>>]) =>
  `<member><StackName>${name}</StackName><CreationTime>2026-11-24T17:00:00Z</CreationTime>` +
  `<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.entries(outputs)
    .map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`)
    .join('')}</Outputs></member>`;
