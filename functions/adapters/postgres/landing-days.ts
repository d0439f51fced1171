import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError } from '../../../streaming/errors.ts';
import type { LandingDays, PartOfDay } from '../../retain/retain.ts';
import { codeOf, type Database, transaction } from './connection.ts';
import { noteOperation } from './operations.ts';

/** The days of landing in PostgreSQL, by the functions that may make and drop them. */
export function postgresLandingDays(database: Database): LandingDays {
  return {
    async ready(first, days) {
      const { rows } = await inGap(() =>
        database.query<{ name: string }>('select name from ready_landing_days($1, $2) name', [dayOf(first), days]),
      );
      return rows.map(({ name }) => name);
    },
    async before(end) {
      const { rows } = await database.query<PartOfDay>('select * from landing_days($1, $2)', ['-infinity', dayOf(end)]);
      return rows;
    },
    async net() {
      const { rows } = await database.query<{ pipeline: string; landed: number }>('select * from landing_net()');
      return new Map(rows.map(({ pipeline, landed }) => [pipeline, landed]));
    },
    drop: (day, who, rows) =>
      inGap(() =>
        transaction(database, async (tx) => {
          // A day holds rows of all pipelines. Last comes what others wait for.
          await noteOperation(tx, { pipeline: '*', verb: 'retain', who, asked: { day }, answer: { rows } });
          await tx.query('select drop_landing_day($1)', [day]);
        }),
      ),
  };
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10);

const lockNotAvailable = '55P03';
const tries = 30;

/**
 * A partition comes and goes behind a lock of all of landing, and whoever waits for one holds up those behind him. So
 * it is waited for briefly, and again: between the transactions of the others there are gaps.
 */
async function inGap<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== lockNotAvailable) throw error;
      if (attempt === tries) throw neverFree(error);
    }
    await sleep(300 + Math.random() * 300);
  }
}

function neverFree(cause: unknown): PipelineError {
  return new PipelineError(
    `landing: expected a moment in which nobody reads or writes it, got none in ${tries} attempts; a transaction stays ` +
      'open for long (pg_stat_activity says whose); it is tried again',
    { code: 'landing_unavailable', at: 'landing', retriable: true, cause },
  );
}
