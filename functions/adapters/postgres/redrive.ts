import { PipelineError } from '../../../streaming/errors.ts';
import type { PageToLand } from '../../ports.ts';
import type { Again } from '../../redrive/again.ts';
import type {
  Asked,
  FoundLetters,
  Progress,
  Redrive,
  Redrives,
  StreamState,
  TakenLetter,
} from '../../redrive/redrives.ts';
import { type Database, type Queryable, transaction } from './connection.ts';
import { closeRedrives, diedAgain, matching } from './letters.ts';
import { noteOperation } from './operations.ts';
import { inLine, insertMarker, insertRows, landingLock, suppressed } from './pages.ts';
import { suppressionOf } from './suppressed.ts';

/** What a run of dead letters says its source is. */
const source = 'dead_letters';
const verb = 'redrive';
/** Nobody goes on with a redrive whose last page is older. */
const silentSeconds = 60;

/** Dead letters and their redrives in PostgreSQL. */
export function postgresRedrives(database: Database): Redrives {
  return {
    stream: (pipeline) => stream(database, pipeline),
    find: (pipeline, asked) => find(database, pipeline, asked),
    sample: (pipeline, asked, count) => take(database, pipeline, asked, { after: '', count }),
    begin: (pipeline, run, who, asked) => begin(database, pipeline, run, who, asked),
    resume: (pipeline, run) => onFile(database, pipeline, run),
    page: (pipeline, run, of, judge) => page(database, pipeline, run, of, judge),
  };
}

async function stream(database: Queryable, pipeline: string): Promise<StreamState> {
  const { rows } = await database.query<{ desired: 'running' | 'stopped'; lost: boolean }>(
    'select desired, data_loss is not null as lost from pipelines where name = $1',
    [pipeline],
  );
  const [found] = rows;
  if (found === undefined) throw refused(`pipeline ${pipeline}: expected one that prepare knows, got none`);
  return found.lost ? 'data_loss' : found.desired;
}

const stateOf = ({ parked }: Asked) => (parked ? 'parked' : 'open');

async function find(database: Queryable, pipeline: string, asked: Asked): Promise<FoundLetters[]> {
  const filter = matching(asked.filter, 3);
  const { rows } = await database.query<FoundLetters>(
    `select at, reason, count(*), count(*) filter (where identity !~ '^[0-9]+$') as "foreign" from dead_letters d
     where pipeline = $1 and state = $2 and ${filter.sql} group by at, reason order by count desc, at, reason`,
    [pipeline, stateOf(asked), ...filter.values],
  );
  return rows;
}

/** In the order of their identities. What was too large for its letter is read where it landed, while that is kept. */
async function take(
  database: Queryable,
  pipeline: string,
  asked: Asked,
  { after, count, lock = '' }: { after: string; count: number; lock?: 'for update' | '' },
): Promise<TakenLetter[]> {
  const filter = matching(asked.filter, 5);
  const { rows } = await database.query<TakenLetter>(
    `with taken as (
       select * from dead_letters d
       where pipeline = $1 and state = $2 and identity > $3 and ${filter.sql} order by identity limit $4 ${lock}
     )
     select identity, run, at, reason, field, attempts, coalesce(payload, landed) as payload
     from taken t left join lateral (
       select l.payload as landed
       from pages p join landing l on l.pipeline = p.pipeline and l.seq >= lower(p.rows) and l.seq < upper(p.rows)
       where t.payload is null and t.at <> 'source' and p.pipeline = t.pipeline and p.run in (t.run, t.redrive)
         and l.run = p.run and l.origin::text = t.identity
       limit 1
     ) l on true order by identity`,
    [pipeline, stateOf(asked), after, count, ...filter.values],
  );
  return rows;
}

const nothingYet: Progress & { after: string } = {
  ...{ received: 0, landed: 0, rejected: 0, refused: {}, done: false },
  after: '',
};

async function begin(database: Database, pipeline: string, run: string, who: string, asked: Asked): Promise<Redrive> {
  return inTurn(database, pipeline, run, async (tx) => {
    await endSilent(tx, pipeline);
    await closeRedrives(tx, pipeline);
    await tx.query('insert into runs (pipeline, run, source, requested, page_size) values ($1, $2, $3, 0, 1000)', [
      pipeline,
      run,
      source,
    ]);
    await noteOperation(tx, { pipeline, verb, who, asked: { run, ...asked }, answer: nothingYet });
    return { run, asked, progress: nothingYet };
  });
}

/** One transaction behind the pipeline's lock: of two at once the second sees what the first has done. */
async function inTurn<T>(database: Database, pipeline: string, run: string, work: (tx: Queryable) => Promise<T>) {
  try {
    return await transaction(database, async (tx) => {
      await tx.query(landingLock, [pipeline]);
      return work(tx);
    });
  } catch (error) {
    throw inLine({ pipeline, run, page: 0 }, error);
  }
}

/** A redrive that is open is at work, or nobody goes on with it: then it ends with what it has done. */
async function endSilent(tx: Queryable, pipeline: string): Promise<void> {
  const { rows } = await tx.query<{ run: string; pages: number; silent: boolean; since: string; who: string }>(
    `select r.run, count(p.page) as pages, coalesce(max(o.who), 'somebody') as who,
       to_char(r.opened_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
       greatest(r.opened_at, max(p.landed_at)) < clock_timestamp() - make_interval(secs => $3) as silent
     from runs r
     left join pages p on p.pipeline = r.pipeline and p.run = r.run
     left join operations o on o.pipeline = r.pipeline and o.verb = $4 and o.asked ->> 'run' = r.run
     where r.pipeline = $1 and r.source = $2 and r.closed_at is null group by r.run, r.opened_at`,
    [pipeline, source, silentSeconds, verb],
  );
  for (const { run, pages, silent, since, who } of rows) {
    if (!silent) throw underWay(pipeline, run, who, since);
    const nothing = { received: 0, landed: 0, rejected: 0, last: true };
    await insertMarker(tx, { pipeline, run, page: pages + 1, ...nothing }, 'empty');
    await close(tx, pipeline, run);
    await tx.query(
      `update operations set answer = answer || '{"done": true, "ended": "nobody went on with it"}'
       where pipeline = $1 and verb = $2 and asked ->> 'run' = $3`,
      [pipeline, verb, run],
    );
  }
}

const close = (tx: Queryable, pipeline: string, run: string) =>
  tx.query('update runs set closed_at = now() where pipeline = $1 and run = $2', [pipeline, run]);

interface OnFile extends Redrive {
  readonly after: string;
  readonly pages: number;
}

/** Behind a lock of the run's operation when it is to go on. */
async function onFile(database: Queryable, pipeline: string, run: string, lock: 'for update' | '' = '') {
  const { rows } = await database.query<{ asked: Asked; answer: Progress & { after: string }; pages: number }>(
    `select asked, answer, (select count(*) from pages p where p.pipeline = o.pipeline and p.run = $3) as pages
     from operations o where pipeline = $1 and verb = $2 and asked ->> 'run' = $3 ${lock}`,
    [pipeline, verb, run],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const { after, ...progress } = found.answer;
  return { run, asked: found.asked, progress, after, pages: found.pages } satisfies OnFile;
}

function page(
  database: Database,
  pipeline: string,
  run: string,
  { size, left, keyOf }: Parameters<Redrives['page']>[2],
  judge: (letter: TakenLetter) => Again,
) {
  return inTurn(database, pipeline, run, async (tx) => {
    const redrive = await onFile(tx, pipeline, run, 'for update');
    if (redrive === undefined) throw refused(`${run}: expected a redrive of ${pipeline}, got none`);
    // Another call has gone on with it meanwhile, to its end.
    if (redrive.progress.done) return { taken: 0, landed: 0, progress: redrive.progress };
    const count = Math.min(size, left);
    const letters = await take(tx, pipeline, redrive.asked, { after: redrive.after, count, lock: 'for update' });
    const done = letters.length < count || letters.length >= left;
    const verdicts = await withoutSuppressed(tx, pipeline, letters.map(judge), keyOf);
    return land(tx, pipeline, redrive, letters, verdicts, done);
  });
}

/** What may not be kept dies once more. Whoever has suppressed it empties the letter next. */
async function withoutSuppressed(
  tx: Queryable,
  pipeline: string,
  verdicts: readonly Again[],
  keyOf: PageToLand['keyOf'],
) {
  const suppression = await suppressionOf(tx, pipeline);
  if (suppression === undefined) return verdicts;
  const keyed = verdicts.map((verdict) => (verdict.do === 'land' ? keyOf(verdict.row.payload) : undefined));
  const found = await suppression(keyed.filter((key) => key !== undefined));
  const dies: Again = { do: 'die', reason: suppressed, field: null };
  return verdicts.map((verdict, index) => (found.has(keyed[index] ?? '') ? dies : verdict));
}

async function land(
  tx: Queryable,
  pipeline: string,
  { run, progress: before, after, pages }: OnFile,
  letters: readonly TakenLetter[],
  verdicts: readonly Again[],
  done: boolean,
) {
  const rows = verdicts.flatMap((verdict) => (verdict.do === 'land' ? [verdict.row] : []));
  const seqs = rows.length === 0 ? 'empty' : await insertRows(tx, { pipeline, run, rows });
  await tx.query(
    `update dead_letters set state = 'redriving', redrive = $2 where pipeline = $1 and identity = any($3)`,
    [pipeline, run, rows.map(({ origin }) => String(origin))],
  );
  const died = verdicts.flatMap((verdict, index) =>
    verdict.do === 'die' ? [{ ...verdict, identity: letters[index]?.identity }] : [],
  );
  await dieAgain(tx, pipeline, run, died);
  const counts = { received: rows.length + died.length, landed: rows.length, rejected: died.length };
  await insertMarker(tx, { pipeline, run, page: pages + 1, ...counts, last: done }, seqs);
  if (done) await close(tx, pipeline, run);
  const progress = progressAfter(before, counts, verdicts, done);
  await tx.query(`update operations set answer = $4 where pipeline = $1 and verb = $2 and asked ->> 'run' = $3`, [
    pipeline,
    verb,
    run,
    JSON.stringify({ ...progress, after: letters.at(-1)?.identity ?? after }),
  ]);
  return { taken: letters.length, landed: rows.length, progress };
}

/** The same letters, with what is wrong with them by today's definition. */
async function dieAgain(tx: Queryable, pipeline: string, run: string, died: readonly object[]): Promise<void> {
  if (died.length === 0) return;
  await tx.query(
    `update dead_letters d set reason = x.reason, field = x.field, redrive = $2, ${diedAgain}
     from jsonb_to_recordset($3) as x(identity text, reason text, field text)
     where d.pipeline = $1 and d.identity = x.identity`,
    [pipeline, run, JSON.stringify(died)],
  );
}

function progressAfter(
  before: Progress,
  { received, landed, rejected }: Pick<Progress, 'received' | 'landed' | 'rejected'>,
  verdicts: readonly Again[],
  done: boolean,
): Progress {
  const refused = { ...before.refused };
  for (const verdict of verdicts)
    if (verdict.do === 'refuse') refused[verdict.because] = (refused[verdict.because] ?? 0) + 1;
  return {
    received: before.received + received,
    landed: before.landed + landed,
    rejected: before.rejected + rejected,
    refused,
    done,
  };
}

function underWay(pipeline: string, run: string, who: string, since: string): PipelineError {
  return new PipelineError(
    `redrive of ${pipeline}: expected none under way, got ${run}, which ${who} began at ${since}; wait until it is ` +
      `done. When nobody goes on with it for ${silentSeconds} s, the next one ends it`,
    { code: 'under_way', at: 'landing', retriable: true },
  );
}

function refused(what: string): PipelineError {
  return new PipelineError(what, { code: 'bad_request', at: 'landing', retriable: false });
}
