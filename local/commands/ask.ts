import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** Asks whether a folder may be emptied or removed; where nobody can be asked, says what to type instead. */
export async function confirmed(question: string, instead: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error(`Nobody can be asked here. If you mean it: ${instead}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D close it without an answer.
  const answer = await Promise.race([
    terminal.question(`${question} [y/N] `),
    once(terminal, 'close').then(() => 'no'),
  ]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
