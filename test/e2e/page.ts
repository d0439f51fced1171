import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** One block of a page of docs: commands, or an edit. */
export interface Block {
  readonly heading: string;
  readonly commands: readonly string[];
  /** A change of files, for `git apply`. */
  readonly edit?: string;
  /** Lines that the commands print, in this order; `...` stands for any text. */
  readonly prints: readonly string[];
}

/** Each block of commands, with the block of what it prints when one follows, and each edit. */
export function blocksOf(page: string): Block[] {
  const blocks: (Block & { readonly prints: string[] })[] = [];
  let heading = '';
  for (const [, title, language, body = ''] of page.matchAll(/^## (.+)$|^```(sh|text|diff)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (language === 'sh') blocks.push({ heading, commands: linesOf(body), prints: [] });
    else if (language === 'diff') blocks.push({ heading, commands: [], edit: body, prints: [] });
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

/** Does what a block says; answers everything that its commands printed. */
export async function follow({ commands, edit }: Block, cwd: string): Promise<string> {
  // Outside of any repository git takes the paths as they are.
  if (edit !== undefined) execFileSync('git', ['apply'], { cwd, input: edit });
  let output = '';
  for (const command of commands) {
    const ran = await run(command, cwd);
    output += ran.output;
    if (ran.code !== 0) throw new Error(`${command}: expected exit code 0, got ${ran.code} after:\n${output}`);
  }
  return output;
}

export async function run(command: string, cwd: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
