import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRunOptions } from '../local/options.ts';
import packageJson from '../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/getting-started.md',
  'docs/add-a-pipeline.md',
  'docs/change-a-pipeline.md',
  'docs/operate.md',
  'docs/deploy.md',
  'docs/containers.md',
  'docs/parity.md',
  'docs/performance.md',
  ...readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
];
const text = (page: string) => readFileSync(join(root, page), 'utf8');
const commands = pages.flatMap((page) =>
  [...text(page).matchAll(/npm run ([a-z]+)(?: -- ([^\n`|]*))?/g)].map(([, script, args]) => ({ page, script, args })),
);

describe('The docs', () => {
  it.each(commands)('name a command that exists: $page: npm run $script -- $args', ({ script, args }) => {
    expect(Object.keys(packageJson.scripts)).toContain(script);
    const words = args?.trim().split(/\s+/) ?? [];
    // --help prints and ends the process; the commands' own tests run it.
    if (script === 'local' && !words.includes('--help')) expect(() => parseRunOptions(words)).not.toThrow();
  });

  it.each(pages)('link only to what exists: %s', (page) => {
    const links = [...text(page).matchAll(/\]\((?!http)([^)#]+)/g)].map(([, target]) =>
      join(root, page, '..', target as string),
    );
    expect(links.filter((target) => !existsSync(target))).toEqual([]);
  });

  it('name files that exist', () => {
    const named = ['README.md', 'CONTRIBUTING.md'].flatMap((page) =>
      [...text(page).matchAll(/`((?:streaming|functions|local|docs)\/[\w./-]+\.\w+)`/g)].map(
        ([, file]) => file as string,
      ),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
