import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

/** A copy of this checkout, as it lies here, that a test may edit; what is installed is shared unless it installs anew. */
export interface Checkout {
  readonly root: string;
  /** Runs a line as a shell would, in the copy; both streams are one text. */
  run(line: string): Promise<{ readonly code: number | null; readonly output: string }>;
  /** Stops what runs in its data folder, and removes the copy. */
  remove(): Promise<void>;
}

export function copyOfCheckout({ installed = true }: { readonly installed?: boolean } = {}): Checkout {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'millrace-checkout-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root }).toString();
  for (const file of files.split('\0').filter(Boolean)) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(copy, file));
  }
  if (installed) symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const run = (line: string) => runIn(copy, line);
  return {
    root: copy,
    run,
    async remove() {
      await run('npm run local -- --down && npm run reset -- --data .millrace --yes');
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

async function runIn(cwd: string, line: string) {
  const child = spawn('/bin/sh', ['-c', line], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
