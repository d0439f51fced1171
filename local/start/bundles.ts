import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../../bundle.ts';

/** What bundles are made of. */
const inputs = ['bundle.ts', 'package-lock.json', 'versions.ts', 'functions', 'streaming'];

/** Bundles the steps into a folder, unless what lies there was made of these very files. */
export async function bundleWhenChanged(
  outDir: string,
  root = path.join(import.meta.dirname, '..', '..'),
  make = bundle,
): Promise<void> {
  const stamp = path.join(outDir, 'inputs.sha256');
  const digest = digestOf(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  // First of all: bundles that are half made must not bear the stamp of whole ones.
  rmSync(stamp, { force: true });
  await make({ outDir, root });
  writeFileSync(stamp, digest);
}

function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesOf(path.join(root, input)))
      hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** A file itself, or all files below a folder, in one order on every machine; what Python compiles comes and goes. */
function filesOf(file: string): string[] {
  if (path.extname(file) !== '') return [file];
  return readdirSync(file, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
