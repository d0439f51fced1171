import cassandra from 'cassandra-driver';
import { cassandraDatacenter } from '../../local/services/cassandra.ts';
import { keyspace } from '../../streaming/names.ts';
import { projectorOf } from '../../streaming/projection.ts';
import { run } from '../e2e/command.ts';
import { type Path, pipeline, untilHosted } from '../e2e/path.ts';
import { peopleOf } from '../source-server/people.ts';

/** Letters of the stream as an older definition left them: good by now. */
export async function plant({ database }: Path, instant: string, count: number): Promise<void> {
  const projected = projectorOf(pipeline);
  for (const [index, person] of peopleOf('airflow').slice(0, count).entries()) {
    const judged = projected(person);
    if (!judged.ok) throw new Error('test data: expected a person that lands');
    await database.query(
      `insert into dead_letters (pipeline, identity, run, at, reason, payload)
       values ($1, $2, $3, 'stream', 'a_rule_of_then', $4)`,
      [pipeline.name, String(Date.parse(instant) * 1000 + index), instant, JSON.stringify(judged.record)],
    );
  }
}

/** A day whose every instant but some has had its run, of nothing. */
export async function closeDay(
  { database }: Path,
  day: { readonly from: string; readonly to: string },
  holes: readonly string[],
): Promise<void> {
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
     select $1, to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), instant, 'sample', 0, 1, 0, now()
     from generate_series($2::timestamptz, $3::timestamptz - interval '1 minute', '1 minute') instant
     where not instant = any($4::timestamptz[])`,
    [pipeline.name, day.from, day.to, holes],
  );
}

/** As if a table had come just now: empty, and written by none of the generations until the next. */
export async function forgetTable({ database, data, credentials, platform }: Path, table: string): Promise<void> {
  const command = (words: string, ...more: string[]) => run(`npm run -s stream -- ${words} --data ${data}`, ...more);
  const { user: username, password } = credentials.cassandra.admin;
  const before = await untilHosted({ database });
  await command(`stop ${pipeline.name}`, '--because', 'a table comes');
  await database.query("update job_generations set tables = '{}'");
  const admin = new cassandra.Client({
    contactPoints: [`127.0.0.1:${platform.ports.cassandra}`],
    localDataCenter: cassandraDatacenter,
    credentials: { username, password },
    keyspace,
    socketOptions: { connectTimeout: 30_000, readTimeout: 120_000 },
  });
  await admin.execute(`TRUNCATE ${table}`);
  await admin.shutdown();
  await command(`start ${pipeline.name}`);
  await untilHosted({ database }, before);
}
