import path from 'node:path';
import { buildSync } from 'esbuild';
import { versions } from '../../../versions.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

/** The handler of `hold` and `run` as one file; the SDK is Lambda's own. The same sources make the same bytes. */
export function bundleHold(outDir: string): void {
  buildSync({
    absWorkingDir: root,
    entryPoints: ['infra/stream/hold/handler.ts'],
    outfile: path.join(outDir, 'index.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: versions.bundleTarget,
    external: ['@aws-sdk/*'],
    legalComments: 'none',
    // A machine's tsconfig settings must not change the bytes.
    tsconfigRaw: {},
    logLevel: 'silent',
  });
}
