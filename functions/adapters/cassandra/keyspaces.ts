import cassandra from 'cassandra-driver';
import { PipelineError } from '../../../streaming/errors.ts';
import { keyspace } from '../../../streaming/names.ts';
import { keyspacesAnswer, keyspacesGreeting, type Signer } from '../aws/sigv4.ts';
import { columns, run, type Statements, type Tables } from './tables.ts';

export const murmur3 = 'org.apache.cassandra.dht.Murmur3Partitioner';
const usualPort = '9142';

/** Connects to Amazon Keyspaces. */
export const openKeyspaces = (address: string, signer: () => Signer): Tables => foundTables(clientOf(address, signer));

/** Tables that somebody else makes, CloudFormation on AWS: what they lack is refused, never made. */
export function foundTables(client: Statements & Pick<cassandra.Client, 'shutdown'>): Tables {
  return {
    async readyKeyspace() {
      await refuseOtherPartitioner(client);
      const found = await run(client, 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [
        keyspace,
      ]);
      if (found.rowLength === 0) throw lacking(`CREATE KEYSPACE ${keyspace}`);
    },
    columns: (table) => columns(client, table),
    execute: async (cql) => {
      throw lacking(cql);
    },
    close: () => client.shutdown(),
  };
}

/** The address may name a port. The certificates are Amazon's, which Node knows. */
function clientOf(
  address: string,
  signer: () => Signer,
  more: Partial<cassandra.ClientOptions> = {},
): cassandra.Client {
  const [host = '', port = usualPort] = address.split(':');
  return new cassandra.Client({
    contactPoints: [`${host}:${port}`],
    localDataCenter: signer().region,
    authProvider: new SigV4(signer),
    sslOptions: { host, servername: host, rejectUnauthorized: true },
    queryOptions: { consistency: cassandra.types.consistencies.localQuorum, isIdempotent: true },
    socketOptions: { connectTimeout: 10_000, readTimeout: 30_000 },
    ...more,
  });
}

/** A client that reads the rows of Keyspaces. */
export const keyspacesReader = (address: string, signer: () => Signer): cassandra.Client =>
  clientOf(address, signer, { keyspace, encoding: { useBigIntAsLong: true } });

/** Full name of the class that an account's Keyspaces says it partitions by. */
export async function keyspacesPartitioner(address: string, signer: () => Signer): Promise<string> {
  const client = clientOf(address, signer);
  return partitionerOf(client).finally(() => client.shutdown());
}

async function partitionerOf(client: Statements): Promise<string> {
  const { rows } = await run(client, "SELECT partitioner FROM system.local WHERE key = 'local'");
  return String(rows[0]?.get('partitioner'));
}

/** Spark's connector cuts a table by the ranges of this partitioner alone. */
async function refuseOtherPartitioner(client: Statements): Promise<void> {
  const got = await partitionerOf(client);
  if (got === murmur3) return;
  throw new PipelineError(
    `Keyspaces: expected the partitioner ${murmur3}, got ${got}; the account's setting for this region must change, once: ` +
      `in the CQL editor of the console run  UPDATE system.local SET partitioner = '${murmur3}' WHERE key = 'local';  ` +
      'and deploy again when SELECT partitioner FROM system.local shows it (it takes some minutes)',
    { code: 'table_unavailable', at: 'table', retriable: false },
  );
}

function lacking(cql: string): PipelineError {
  return new PipelineError(
    `Keyspaces: expected what the definitions say, got a keyspace that lacks: ${cql}; ` +
      'the stack `table` owns it: deploy that first',
    { code: 'table_unavailable', at: 'table', retriable: false },
  );
}

/** The driver takes only instances of its class, which its types call an interface. */
const { AuthProvider } = cassandra.auth as unknown as { AuthProvider: new () => object };

class SigV4 extends AuthProvider implements cassandra.auth.AuthProvider {
  readonly #signer: () => Signer;

  constructor(signer: () => Signer) {
    super();
    this.#signer = signer;
  }

  newAuthenticator(): cassandra.auth.Authenticator {
    return {
      initialResponse: (answer: Answer) => answer(null, keyspacesGreeting),
      evaluateChallenge: (challenge: Buffer, answer: Answer) => {
        try {
          answer(null, keyspacesAnswer(challenge, this.#signer()));
        } catch (error) {
          answer(error as Error);
        }
      },
      onAuthenticationSuccess: () => undefined,
    };
  }
}

type Answer = (error: Error | null, token?: Buffer) => void;
