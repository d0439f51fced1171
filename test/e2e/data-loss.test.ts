import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Loss } from '../../functions/supervise/orders.ts';
import type { Definition } from '../../streaming/definition.ts';
import { topicOf } from '../../streaming/names.ts';
import { earthquakes as typed } from '../../streaming/pipelines/earthquakes/pipeline.ts';
import { type QuakeServer, quake, startQuakeServer } from '../source-server/quakes.ts';
import { jsonLines, run } from './command.ts';
import { instants, once, openPath, type Path, until, untilCovered, untilHosted } from './path.ts';
import { driversOf } from './processes.ts';

const minutes = 60_000;
const earthquakes: Definition = typed;
const { name } = earthquakes;
const count = 40;
/** Ten minutes apart: the query looks back beyond its own window. */
const nextMinute = instants('2026-07-05T00:00:00Z');
const nextWindow = () => Array.from({ length: 10 }, nextMinute).at(-1) as string;

type Holes = NonNullable<Loss['holes']>;

/** In this order: one loss, from its report to its repair. */
describe('A topic that loses records before the tables have absorbed them', () => {
  let path: Path;
  let quakes: QuakeServer;
  const lossy = nextWindow();
  let holes: Holes = [];

  beforeAll(async () => {
    path = await openPath();
    quakes = await startQuakeServer();
    // What another test left on its way would be lost as well, and a job that starts meanwhile is not stopped with the rest.
    await untilHosted(path, 0, earthquakes);
    await untilCovered(path, 280, earthquakes);
  }, 15 * minutes);
  afterAll(async () => {
    await quakes?.stop();
    await path?.close();
  });

  const command = (args: string, ...more: readonly string[]) => run(`npm run -s ${args} --data ${path.data}`, ...more);

  function shake(window: string): void {
    const first = Date.parse(window) - 60_000;
    quakes.knownUntil = Date.parse(window);
    for (let n = 0; n < count; n += 1) quakes.revisions.push(quake(`loss${first}x${n}`, first + n));
  }

  const standing = async () =>
    jsonLines<{ data_loss: Loss | null }>(
      (await command(`stream -- status ${name} --json`)).out.replace(/^\[|\]$/gm, ''),
    )[0]?.data_loss;

  async function publish(window: string): Promise<void> {
    shake(window);
    await path.steps.wake('extract', { pipeline: name, instant: window, source: quakes.url });
    await until('the run to be published', 200, async () => {
      const { rows } = await path.database.query('select published from accounts where pipeline = $1 and run = $2', [
        name,
        window,
      ]);
      return Number(rows[0]?.published) === count || undefined;
    });
  }

  /** As a broker does whose retention has run out. */
  async function forget(): Promise<void> {
    const admin = path.kafka.admin();
    await admin.connect();
    const topic = topicOf(earthquakes);
    // Asked of this client: it knows no leader of a topic that it was not asked about.
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
    });
    await admin.disconnect();
  }

  it('stops the pipeline, and names the holes', { timeout: 20 * minutes }, async () => {
    const drivers = driversOf(path.data);
    for (const pid of drivers) process.kill(pid, 'SIGSTOP');
    try {
      await publish(lossy);
      await forget();
    } finally {
      for (const pid of drivers) process.kill(pid, 'SIGCONT');
    }
    holes = await until('the loss to be reported', 600, async () => {
      const loss = await standing();
      // The job knows that something is gone; where, supervise finds.
      if (loss != null && loss.holes === undefined) await command(`stream -- start ${name}`);
      return loss?.holes;
    });
    expect(holes.reduce((sum, { from, until: end }) => sum + end - from, 0)).toBe(count);
    const { code, out } = await command(`stream -- status ${name}`);
    for (const hole of holes) expect(out).toContain(`${of(hole)} --because "..."`);
    expect(code).toBe(1);
  });

  const of = ({ partition, from, until: end }: Holes[number]) =>
    `stream -- accept-loss ${name} --partition ${partition} --from ${from} --until ${end}`;
  const because = ['--because', 'the test has deleted these records'] as const;
  const first = () => holes[0] as Holes[number];

  it.each([
    ['without a range', () => [`stream -- accept-loss ${name}`, ...because], /--partition/],
    ['without a reason', () => [of(first())], /--because/],
    ['with a reason that says nothing', () => [of(first()), '--because', 'x'], /expected a reason of a sentence/],
    [
      'of a part of a hole',
      () => [of({ ...first(), until: first().until - 1 }), ...because],
      /expected one of the holes that were reported/,
    ],
  ])('is not accepted %s', async (_, words, message) => {
    const [line = '', ...more] = words();
    const { code, err } = await command(line, ...more);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect(await standing()).toMatchObject({ holes });
  });

  it('goes on behind the holes once each is accepted, and the order is on file', {
    timeout: 20 * minutes,
  }, async () => {
    for (const hole of holes) expect((await command(of(hole), ...because)).code).toBe(0);
    expect(await standing()).toBeNull();
    const { rows } = await path.database.query(
      "select verb, asked ->> 'because' as because from operations where pipeline = $1 and verb = 'accept_loss'",
      [name],
    );
    expect(rows).toEqual(holes.map(() => ({ verb: 'accept_loss', because: because[1] })));
    const window = nextWindow();
    shake(window);
    const { verdict, problems } = await once(path, window, quakes.url, undefined, earthquakes);
    expect(problems).toEqual([]);
    expect(verdict).toMatchObject({ verdict: 'balanced', source: count, table: count });
  });

  it('is said by reconcile, which is not red for it; --deep --repair brings the records in', {
    timeout: 20 * minutes,
  }, async () => {
    const interval = `--from ${lossy} --until ${new Date(Date.parse(lossy) + 60_000).toISOString()}`;
    const said = await command(`reconcile -- ${name} ${interval}`);
    expect(said.out).toContain(`${lossy}: ${count} lost`);
    expect(said.out).toContain(`balanced, ${count} lost`);
    expect(said.code).toBe(0);
    const [before] = jsonLines<object>((await command(`reconcile -- ${name} ${interval} --deep --json`)).out);
    expect(before).toMatchObject({ totals: { lossy: 1, lost: count, unbalanced: 0 }, deep: { compared: count } });
    const [after] = jsonLines<object>((await command(`reconcile -- ${name} ${interval} --repair --yes --json`)).out);
    expect(after).toMatchObject({ verdict: 'balanced', deep: { compared: count, astray: [] } });
  });
});
