import { once as event } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Definition } from '../../streaming/definition.ts';
import { topicOf } from '../../streaming/names.ts';
import { earthquakes as typed } from '../../streaming/pipelines/earthquakes/pipeline.ts';
import { randomUsers as users } from '../../streaming/pipelines/random-users/pipeline.ts';
import { peopleOf } from '../source-server/people.ts';
import { type QuakeServer, quake, startQuakeServer } from '../source-server/quakes.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { instants, once, openPath, type Path, until, untilCovered } from './path.ts';

const minutes = 60_000;
const earthquakes: Definition = typed;
/** Windows ten minutes apart: the query looks back beyond its own, and what it finds there is another test's. */
const windows = instants('2026-06-01T00:00:00Z');
const nextWindow = () => Array.from({ length: 10 }, windows).at(-1) as string;
const nextInstant = instants('2026-06-20T00:00:00Z');

describe('Two pipelines side by side', () => {
  let path: Path;
  let people: SourceServer;
  let quakes: QuakeServer;

  beforeAll(async () => {
    path = await openPath();
    people = await startSourceServer({ people: peopleOf('two-pipelines') });
    quakes = await startQuakeServer();
  });
  afterAll(async () => {
    await Promise.all([people?.stop(), quakes?.stop()]);
    await path?.close();
  });

  const runQuakes = (window: string) => once(path, window, quakes.url, undefined, earthquakes);

  /** So many earthquakes that changed within the window. */
  function shake(window: string, count: number): void {
    const first = Date.parse(window) - 60_000;
    quakes.knownUntil = Date.parse(window);
    for (let n = 0; n < count; n += 1) quakes.revisions.push(quake(`two${first}x${n}`, first + (n % 60_000)));
  }

  const revisionsOf = async (id: string, day: string) => {
    const { rows } = await path.tables.execute('SELECT * FROM quake_revisions WHERE day = ?', [day]);
    return rows.filter((row) => row.get('quake_id') === id);
  };
  const quakeOf = async (id: string) =>
    (await path.tables.execute('SELECT * FROM quakes WHERE quake_id = ?', [id])).first();

  it('both balance under load, each with records of its own', { timeout: 25 * minutes }, async () => {
    const users = async () => {
      for (let run = 0; run < 2; run += 1)
        expect((await once(path, nextInstant(), people.url, 3000)).verdict).toMatchObject({
          verdict: 'balanced',
          pipeline: 'random-users',
          source: 3000,
          table: 3000,
        });
    };
    const shaken = async () => {
      // A page and a half, and two full ones.
      for (const count of [1500, 2000]) {
        const window = nextWindow();
        shake(window, count);
        const { verdict, problems } = await runQuakes(window);
        expect(problems).toEqual([]);
        const balanced = { verdict: 'balanced', pipeline: 'earthquakes', source: count, table: count };
        expect(verdict).toMatchObject(balanced);
      }
    };
    await Promise.all([users(), shaken()]);
    expect(quakes.requests.map((query) => query.get('offset'))).toEqual(['1', '1001', '1', '1001', '2001']);
  });

  it('a window without an earthquake is closed and balances', { timeout: 15 * minutes }, async () => {
    const { verdict, problems } = await runQuakes(nextWindow());
    expect(problems).toEqual([]);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 0, landing: 0, table: 0 });
  });

  it('an earthquake is what its newest revision says, although the older one came later', {
    timeout: 25 * minutes,
  }, async () => {
    const [earlier, later] = [nextWindow(), nextWindow()];
    const [first, second] = [earlier, later].map((window) => Date.parse(window) - 30_000) as [number, number];
    const day = earlier.slice(0, 10);
    quakes.revisions.push(
      quake('revised', first, { mag: 4.1, status: 'automatic', sources: ',us,' }),
      quake('revised', second, { mag: 5.3, status: 'reviewed', alert: 'green', sources: ',us,nc,' }),
    );
    for (const window of [later, earlier]) {
      quakes.knownUntil = Date.parse(window);
      expect((await runQuakes(window)).verdict).toMatchObject({ verdict: 'balanced', source: 1, table: 1 });
      const found = await quakeOf('revised');
      expect(found).toMatchObject({ magnitude: 5.3, strength: 'moderate', status: 'reviewed', alert: 'green' });
      expect(found?.get('sources')).toEqual(['us', 'nc']);
      expect(found?.get('updated')).toEqual(new Date(second));
    }
    const revisions = await revisionsOf('revised', day);
    expect(revisions.map((row) => [row.get('updated').getTime(), row.get('magnitude'), row.get('strength')])).toEqual([
      [second, 5.3, 'moderate'],
      [first, 4.1, 'light'],
    ]);
  });

  it('a record that cannot be is dead with its reason, and the others go on', { timeout: 15 * minutes }, async () => {
    const window = nextWindow();
    shake(window, 3);
    const updated = Date.parse(window) - 1000;
    quakes.revisions.push(quake('bad-status', updated, { status: 'confirmed' }), {
      ...quake('off-earth', updated),
      geometry: { type: 'Point', coordinates: [0, 91, 0] },
    });
    const { verdict } = await runQuakes(window);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: 5, rejected: 1, landing: 4, dead: 2, table: 3 });
    const { letters } = await path.steps.call<{ letters: { at: string; reason: string }[] }>('inspect', {
      question: 'dead',
      pipeline: 'earthquakes',
      run: window,
    });
    expect(letters.map(({ at, reason }) => `${at} ${reason}`).sort()).toEqual([
      'source not_allowed',
      'stream quality:on_earth',
    ]);
  });

  describe('while one fails, the other goes on as if alone', () => {
    /** A run of the one that is well must not take longer than this beside one that fails, which holds out for 285 s. */
    const seconds = 200;

    it('when nobody listens at its address', { timeout: 15 * minutes }, async () => {
      const failing = once(path, nextInstant(), 'http://127.0.0.1:1/', 100);
      const failure = expect(failing).rejects.toMatchObject({ code: 'source_unreachable' });
      const window = nextWindow();
      shake(window, 200);
      const { verdict } = await runQuakes(window);
      await failure;
      expect(verdict).toMatchObject({ verdict: 'balanced', source: 200, table: 200 });
      expect(verdict.seconds.path).toBeLessThan(seconds);
    });

    it('when its source takes the call and never answers, time and again', { timeout: 20 * minutes }, async () => {
      const hanging = new Set<string | null>();
      const silent = createServer(({ url }) => void hanging.add(seedOf(url))).listen(0, '127.0.0.1');
      await event(silent, 'listening');
      const source = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
      try {
        for (let call = 0; call < 6; call += 1)
          await path.steps.wake('extract', { pipeline: users.name, instant: nextInstant(), source });
        await until('runs to hang', 120, async () => hanging.size >= 2 || undefined);
        const window = nextWindow();
        shake(window, 200);
        const { verdict } = await runQuakes(window);
        expect(hanging.size).toBe(2);
        expect(verdict).toMatchObject({ verdict: 'balanced', source: 200, table: 200 });
        expect(verdict.seconds.path).toBeLessThan(seconds);
      } finally {
        silent.closeAllConnections();
        silent.close();
      }
    });

    it('when its topic is full of what is not ours', { timeout: 30 * minutes }, async () => {
      const producer = path.kafka.producer();
      await producer.connect();
      const poison = Array.from({ length: 5000 }, (_, n) => ({ value: Buffer.from(`poison ${n}`) }));
      await producer.send({ topic: topicOf(users), messages: poison });
      await producer.disconnect();
      const window = nextWindow();
      shake(window, 200);
      const { verdict } = await runQuakes(window);
      expect(verdict).toMatchObject({ verdict: 'balanced', source: 200, table: 200, dead: 0 });
      expect(verdict.seconds.path).toBeLessThan(seconds);
      await untilCovered(path, 300);
      const after = await once(path, nextInstant(), people.url, 100);
      expect(after.verdict).toMatchObject({ verdict: 'balanced', table: 100 });
    });
  });
});

/** Each run has its own, however often it asks. */
const seedOf = (url = '') => new URL(url, 'http://127.0.0.1').searchParams.get('seed');
