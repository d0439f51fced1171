import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { troubles } from '../../local/commands/troubles.ts';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { root } from '../checkout.ts';
import { peopleOf } from '../source-server/people.ts';
import { type SourceServer, startSourceServer } from '../source-server/server.ts';
import { run } from './page.ts';
import { once, openPath, type Path, untilHosted } from './path.ts';

const minutes = 60_000;
/** Of the page's letter: 1771234560000003 is the fourth record of this run. */
const instant = '2026-02-16T09:36:00Z';
const letter = '1771234560000003';

/** What the commands of the page say when they are typed in its order, where nothing is wrong but what is planted. */
const says: Readonly<Record<string, readonly [code: number, text: RegExp]>> = {
  status: [0, /postgres .*healthy/],
  logs: [0, /relay/],
  'reconcile --until': [1, /5 missing/],
  backfill: [1, /5 of 5 instants have no closed run.*--yes/s],
  'backfill --yes': [0, /balanced/],
  'reconcile --deep': [0, /every one is in every table/],
  'dead list': [0, new RegExp(letter)],
  'dead show': [0, new RegExp(letter)],
  redrive: [0, /--yes/],
  'redrive --yes': [0, /redrive:/],
  rebuild: [1, /empty/],
  erase: [1, /Known nowhere, and never erased/],
  retain: [0, /landing|day/],
  'stream stop': [0, /stopped; its records wait/],
  'stream start': [0, /started; the next generation/],
  'stream accept-loss': [1, /has lost nothing/],
};

const steps: readonly (readonly [name: string, command: string])[] = troubles.flatMap(({ command }) => {
  const name = nameOf(command);
  const meant = `${name} --yes`;
  return [[name, command] as const, ...(meant in says ? [[meant, `${command} --yes`] as const] : [])];
});

function nameOf(command: string): string {
  const [, , verb = '', , sub = ''] = command.split(' ');
  if (verb === 'reconcile') return command.includes('--deep') ? 'reconcile --deep' : 'reconcile --until';
  return `${verb} ${sub}` in says ? `${verb} ${sub}` : verb;
}

describe('docs/operate.md', () => {
  let path: Path;
  let server: SourceServer;

  beforeAll(async () => {
    path = await openPath();
    server = await startSourceServer({ people: peopleOf('operate'), planted: new Map([[3, 'missingField']]) });
    expect((await once(path, instant, server.url, 10)).verdict).toMatchObject({ verdict: 'balanced', rejected: 1 });
    await untilAllHosted();
  }, 45 * minutes);
  afterAll(async () => {
    await server?.stop();
    await path?.close();
  });

  /** What another file has stopped and started again, its neighbour has to come back as well. */
  async function untilAllHosted() {
    for (const pipeline of pipelines) await untilHosted(path, 0, pipeline);
  }

  it.each(steps)('%s: %s', { timeout: 10 * minutes }, async (name, command) => {
    const [code, text] = says[name] as (typeof says)[string];
    const ran = await run(`${command}${command.includes(' -- ') ? '' : ' --'} --data ${path.data}`, root);
    expect(ran.output).toMatch(text);
    expect(ran.code, ran.output).toBe(code);
  });

  it('leaves the pipelines with the job', { timeout: 25 * minutes }, async () => {
    await untilAllHosted();
  });
});
