import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfCheckout, root } from '../checkout.ts';
import { blocksOf, follow, missingFrom, run } from './page.ts';

const page = readFileSync(path.join(root, 'docs/add-a-pipeline.md'), 'utf8');

describe('docs/add-a-pipeline.md', () => {
  let checkout: string;

  beforeAll(() => {
    checkout = copyOfCheckout({ installed: true });
  });

  afterAll(async () => {
    await run('npm run local -- --down && npm run reset -- --data .millrace --yes', checkout);
    rmSync(checkout, { recursive: true, force: true });
  }, 600_000);

  it.each(blocksOf(page))('$heading: $commands does what the page says', { timeout: 1_800_000 }, async (block) => {
    const output = await follow(block, checkout);
    expect(missingFrom(output, block.prints), output).toBeUndefined();
  });
});
