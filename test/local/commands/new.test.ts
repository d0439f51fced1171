import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfCheckout } from '../../checkout.ts';

let checkout: string;

beforeAll(() => {
  checkout = copyOfCheckout({ installed: true });
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

async function run(file: string, ...args: readonly string[]): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, ...args], { cwd: checkout });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}
const add = (...args: readonly string[]) => run('--import=tsx', 'local/commands/new.ts', ...args, '--no-run');

let files = 0;
/** A file with an answer. */
function answer(json: unknown): string {
  files += 1;
  writeFileSync(path.join(checkout, `answer-${files}.json`), JSON.stringify(json));
  return `answer-${files}.json`;
}
const written = (file: string) => readFileSync(path.join(checkout, 'streaming/pipelines', file), 'utf8');

describe('npm run new refuses', () => {
  const mixed = [
    { id: 'a', size: 1 },
    { id: 'b', size: 'L' },
  ];
  it.each<[what: string, args: readonly string[], json: unknown, message: RegExp]>([
    [
      'a name that is taken',
      ['random-users', '--yes'],
      [{ id: 'a' }],
      /random-users: expected a name that no pipeline has/,
    ],
    ['mixed types', ['things', '--yes'], mixed, /field size: .*got number and text; take it as text \(--text size\)/],
    ['an interval off the grid', ['things', '--every', '7m'], [{ id: 'a' }], /minutes that divide an hour/],
    [
      'to guess where nobody can be asked',
      ['things'],
      [{ id: 'a' }],
      /Nobody can be asked here.*\n.*\n.*--url.*\nNothing/,
    ],
  ])('%s', async (_what, args, json, message) => {
    const { code, output } = await add(...args, '--from', answer(json));
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(existsSync(path.join(checkout, 'streaming/pipelines/things'))).toBe(false);
  });
});

describe('npm run new writes', () => {
  beforeAll(async () => {
    const awkward = [
      {
        id: 1,
        order: "it's",
        Größe: 1.5,
        tags: ['a'],
        updatedAt: '2026-11-27T15:00:00Z',
        who: { email: 'ann@example.org' },
        'x-y': null,
      },
      { id: 2, order: 'b', Größe: 2, tags: [], updatedAt: '2026-11-27T15:01:00Z', who: null, 'x-y': true },
    ];
    for (const args of [
      [
        'awkward-things',
        '--from',
        answer({ result: { rows: awkward } }),
        '--url',
        'https://a.example/?limit=50&page=1',
      ],
      [
        'http',
        '--from',
        answer({
          things: [
            { id: 'a', size: 1 },
            { id: 'b', size: 2 },
          ],
        }),
      ],
      ['people', '--from', 'streaming/pipelines/random-users/recorded/people.json', '--text', 'location.postcode'],
    ]) {
      expect(await add(...args, '--yes')).toMatchObject({ code: 0 });
    }
  });

  it.each([
    ['biome', 'node_modules/@biomejs/biome/bin/biome', ['ci', 'streaming']],
    ['the compiler', 'node_modules/typescript/bin/tsc', ['-p', '.']],
    ['knip', 'node_modules/knip/bin/knip.js', []],
    ['the check of definitions', '--import=tsx', ['local/commands/definitions.ts']],
  ])('what %s accepts', { timeout: 300_000 }, async (_tool, file, args) => {
    expect(await run(file, ...args)).toMatchObject({ code: 0 });
  });

  it('every record of the sample as one that passes', async () => {
    const script = `
      import { pipelines } from './streaming/pipelines/index.ts';
      import { projectorOf } from './streaming/projection.ts';
      const [from, until] = ['2026-11-27T14:59:00.000Z', '2026-11-27T15:00:00.000Z'];
      for (const pipeline of pipelines) {
        const { samplePage } = await import('./streaming/pipelines/' + pipeline.name + '/sample.ts');
        const page = samplePage({ seed: 's', page: 1, size: 100, from, until }).map(projectorOf(pipeline));
        console.log(pipeline.name, page.length, page.filter(({ ok }) => !ok).length);
      }`;
    writeFileSync(path.join(checkout, 'walk.ts'), script);
    const { output } = await run('--import=tsx', 'walk.ts');
    expect(output.split('\n')).toEqual(expect.arrayContaining(['awkward-things 100 0', 'http 2 0', 'people 100 0']));
  });

  it('no person of the answer', () => {
    expect(written('awkward-things/recorded/records.json')).not.toContain('ann@');
    expect(written('people/recorded/records.json')).not.toMatch(/password|(?<!person-\d+)@/);
  });

  it('nothing twice', async () => {
    const before = written('people/pipeline.ts');
    const { code, output } = await add('people', '--from', answer([{ id: 1 }]), '--yes');
    expect(output).toMatch(/people: expected a name that no pipeline has/);
    expect({ code, text: written('people/pipeline.ts') }).toEqual({ code: 1, text: before });
  });

  it('nothing at all when the index cannot be changed', async () => {
    const index = path.join(checkout, 'streaming/pipelines/index.ts');
    const before = readFileSync(index, 'utf8');
    const odd = before.replace('export const pipelines: readonly Definition[]', 'export const pipelines: Definition[]');
    writeFileSync(index, odd);
    const { code, output } = await add('things', '--from', answer([{ id: 1 }]), '--yes');
    expect(output).toMatch(/expected a list `export const pipelines/);
    expect(existsSync(path.join(checkout, 'streaming/pipelines/things'))).toBe(false);
    expect({ code, index: readFileSync(index, 'utf8') }).toEqual({ code: 1, index: odd });
    writeFileSync(index, before);
  });
});
