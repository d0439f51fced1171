import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfCheckout, root } from '../checkout.ts';
import { blocksOf, follow, missingFrom, run } from './page.ts';

const page = readFileSync(path.join(root, 'docs/getting-started.md'), 'utf8');

describe('docs/getting-started.md', () => {
  let clone: string;

  beforeAll(() => {
    clone = copyOfCheckout({ installed: false });
  });

  afterAll(async () => {
    await run('npm run local -- --down && npm run reset -- --data .millrace --yes', clone);
    rmSync(clone, { recursive: true, force: true });
  }, 600_000);

  it.each(blocksOf(page))('$heading: $commands prints what the page says', { timeout: 1_200_000 }, async (block) => {
    const output = await follow(block, clone);
    expect(missingFrom(output, block.prints), output).toBeUndefined();
  });
});
