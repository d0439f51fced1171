import type { Database } from './connection.ts';

/**
 * Takes one of a pipeline's places by a lock of the session: whoever is killed gives it back with the connection.
 * Answers how to leave it, or undefined when all are taken.
 */
export async function enter(
  database: Database,
  pipeline: string,
  places: number,
): Promise<(() => Promise<void>) | undefined> {
  const client = await database.connect();
  const release = async () => {
    try {
      await client.query('select pg_advisory_unlock_all()');
      client.release();
    } catch {
      // Thrown away, it gives the place back too.
      client.release(true);
    }
  };
  try {
    const { rowCount } = await client.query(
      // The first that is free: a place is tried only when those before it are taken.
      `select from generate_series(1, $2) place
       where pg_try_advisory_lock(hashtextextended('run:' || $1 || ':' || place, 0)) limit 1`,
      [pipeline, places],
    );
    if (rowCount === 1) return release;
  } catch (error) {
    client.release(true);
    throw error;
  }
  await release();
  return undefined;
}
