import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One block of commands of a page of docs. */
export interface Block {
  readonly heading: string;
  readonly commands: readonly string[];
  /** Lines that the commands print, in this order; `...` stands for any text. */
  readonly prints: readonly string[];
}

/** Each block of commands, with the block of what it prints when one follows. */
export function blocksOf(page: string): Block[] {
  const blocks: { heading: string; commands: string[]; prints: string[] }[] = [];
  let heading = '';
  for (const [, title, language, body = ''] of page.matchAll(/^## (.+)$|^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (language === 'sh') blocks.push({ heading, commands: linesOf(body), prints: [] });
    else blocks.at(-1)?.prints.push(...linesOf(body));
  }
  return blocks;
}

const linesOf = (body: string) => body.split('\n').filter((line) => line.trim() !== '');

/** The first line that the output lacks; the lines appear in order, each within one line of it. */
export function missingFrom(output: string, prints: readonly string[]): string | undefined {
  const lines = output.split('\n').values();
  return prints.find((print) => {
    const parts = print.split('...').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(parts.join('.*'));
    for (const line of lines) if (pattern.test(line)) return false;
    return true;
  });
}

export async function run(command: string, cwd: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
