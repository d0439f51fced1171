import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/getting-started.md'), 'utf8');

interface Block {
  readonly heading: string;
  readonly commands: readonly string[];
  /** Lines that the commands print, in this order; `...` stands for any text. */
  readonly prints: readonly string[];
}

/** Each block of commands, with the block of what it prints when one follows. */
function blocksOf(text: string): Block[] {
  const blocks: { heading: string; commands: string[]; prints: string[] }[] = [];
  let heading = '';
  for (const [, title, language, body = ''] of text.matchAll(/^## (.+)$|^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (language === 'sh') blocks.push({ heading, commands: linesOf(body), prints: [] });
    else blocks.at(-1)?.prints.push(...linesOf(body));
  }
  return blocks;
}

const linesOf = (body: string) => body.split('\n').filter((line) => line.trim() !== '');

/** Whether the lines appear in the output, in order, each within one line of it. */
function missingFrom(output: string, prints: readonly string[]): string | undefined {
  const lines = output.split('\n').values();
  return prints.find((print) => {
    const parts = print.split('...').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(parts.join('.*'));
    for (const line of lines) if (pattern.test(line)) return false;
    return true;
  });
}

describe('docs/getting-started.md', () => {
  let clone: string;

  beforeAll(() => {
    clone = mkdtempSync(path.join(os.tmpdir(), 'millrace-start-'));
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root }).toString();
    for (const file of files.split('\0').filter(Boolean)) {
      mkdirSync(path.dirname(path.join(clone, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(clone, file));
    }
  });

  afterAll(async () => {
    await run('npm run local -- --down && npm run reset -- --data .millrace --yes', clone);
    rmSync(clone, { recursive: true, force: true });
  });

  it.each(blocksOf(page))('$heading: $commands prints what the page says', { timeout: 400_000 }, async (block) => {
    let output = '';
    for (const command of block.commands) {
      const ran = await run(command, clone);
      output += ran.output;
      expect(ran, command).toMatchObject({ code: 0 });
    }
    expect(missingFrom(output, block.prints), output).toBeUndefined();
  });
});

async function run(command: string, cwd: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
