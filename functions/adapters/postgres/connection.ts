import pg from 'pg';
import { z } from 'zod';
import { PipelineError } from '../../../streaming/errors.ts';

export const databaseSecret = z.object({
  host: z.string(),
  port: z.coerce.number().default(5432),
  database: z.string(),
  user: z.string(),
  password: z.string(),
  /** Certificate of the server's authority; without it the connection is not encrypted (loopback). */
  ca: z.string().optional(),
});

export type DatabaseSecret = z.infer<typeof databaseSecret>;

/** What a statement needs: a pool, or one connection inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** A pool whose connections can be taken out for a transaction. */
export interface Database extends Queryable {
  connect(): Promise<Queryable & { release(error?: Error | boolean): void }>;
  end(): Promise<void>;
}

const timeouts = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 60_000,
  /** For waiters: nobody stands in line for long. */
  lock_timeout: 5_000,
  /** For holders: longer than one send to Kafka may take, so that a frozen process gives its locks back. */
  idle_in_transaction_session_timeout: 60_000,
};

const int8 = 20;
const int8Array = 1016;
const date = 1082;
const wrongPassword = '28P01';

/** A server notices within a minute that a client is gone or frozen, and gives its locks back. */
const keepalives = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

export const sessionOptions = `-c timezone=UTC ${keepalives}`;

/** TLS whose other end must be the host that was asked for; none without an authority (loopback). */
export const tlsOf = (ca: string | undefined) => (ca === undefined ? false : { ca, rejectUnauthorized: true });

/** A function is frozen between two calls: whoever it was connected to may have given up on it meanwhile. */
const longestIdleMs = 20_000;

/** Opens a pool. The password is asked for at every connection; after `forget` the next answer is a fresh one. */
export async function openDatabase(
  secret: () => Promise<DatabaseSecret>,
  forget: () => void,
  max = 4,
): Promise<Database> {
  const { ca, password: _, ...address } = await secret();
  const pool = new pg.Pool({
    ...address,
    ...timeouts,
    password: async () => (await secret()).password,
    ssl: tlsOf(ca),
    options: sessionOptions,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    max,
    types: { getTypeParser },
  });
  // A connection that breaks says so to the statement that needs it next; without a listener it would end the process.
  const unheard = () => undefined;
  pool.on('error', unheard);
  pool.on('connect', (client) => client.on('error', unheard));

  const fresh = freshFrom(pool);
  const connect = async () => {
    try {
      return await withFreshPassword(forget, fresh);
    } catch (error) {
      throw unavailable(error);
    }
  };
  return { connect, query: (text, values) => withConnection(connect, text, values), end: () => pool.end() };
}

/** Connections of the pool, without those that have been idle for too long to be trusted. */
function freshFrom(pool: pg.Pool): () => Promise<pg.PoolClient> {
  const idleSince = new WeakMap<pg.PoolClient, number>();
  pool.on('release', (_error, client) => idleSince.set(client, Date.now()));
  return async () => {
    for (;;) {
      const client = await pool.connect();
      if (Date.now() - (idleSince.get(client) ?? Date.now()) <= longestIdleMs) return client;
      client.release(true);
    }
  };
}

/** Tries once more, with a password asked for again, when the first is refused: it may have been rotated. */
export async function withFreshPassword<T>(forget: () => void, login: () => Promise<T>): Promise<T> {
  try {
    return await login();
  } catch (error) {
    if (codeOf(error) !== wrongPassword) throw error;
    forget();
    return login();
  }
}

async function withConnection<R extends pg.QueryResultRow>(
  connect: Database['connect'],
  text: string,
  values?: readonly unknown[],
) {
  const client = await connect();
  let broken = false;
  try {
    return await client.query<R>(text, values);
  } catch (error) {
    broken = isConnectionLoss(error);
    throw broken ? unavailable(error) : error;
  } finally {
    client.release(broken);
  }
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8) return exactNumber;
  if (oid === int8Array) return (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(exactNumber));
  // A day is a text: a Date would be moved by the process's time zone.
  if (oid === date) return String;
  return pg.types.getTypeParser(oid, format as 'text');
}

function exactNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`PostgreSQL bigint: expected one below 2^53, got ${text}`);
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function transaction<T>(database: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away; the server then rolls back by itself.
    await client.query('rollback').catch((failed: Error) => {
      broken = failed;
    });
    throw isConnectionLoss(error) ? unavailable(error) : error;
  } finally {
    client.release(broken);
  }
}

/** SQLSTATE of an error of PostgreSQL, or the system's code of one of the network. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The server went away, lost patience, shut down or has no room: classes 08, 25P, 53 and 57P, or no SQLSTATE at all. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof PipelineError) return false;
  const code = codeOf(error);
  if (code !== undefined) return /^(08|53|57P|25P0[34])/.test(code) || /^E[A-Z]+$/.test(code);
  return error instanceof Error && /^(Connection terminated|Client has encountered a connection)/.test(error.message);
}

function unavailable(error: unknown): PipelineError {
  const got = error instanceof Error ? error.message : String(error);
  return new PipelineError(`PostgreSQL: expected a connection, got ${got || codeOf(error)}; it is tried again`, {
    code: 'landing_unavailable',
    at: 'landing',
    retriable: true,
    cause: error,
  });
}
