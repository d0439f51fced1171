import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pipelineFolder } from '../../local/history-files.ts';
import type { Definition, PipelineRecord } from '../../streaming/definition.ts';

export const root = path.join(import.meta.dirname, '../..');

/** What a source says, and the record that lands; `broken` names the quality rule that it breaks in the stream. */
export interface Landing {
  readonly says: string;
  readonly raw: unknown;
  readonly record: PipelineRecord;
  readonly broken: string | null;
}

/** What a source says that never lands, and why. */
export interface Refused {
  readonly says: string;
  readonly raw: unknown;
  readonly refused: { readonly reason: string; readonly field: string | null };
}

/** The `examples.json` beside a definition. */
export function examplesOf(pipeline: Definition): readonly (Landing | Refused)[] {
  return JSON.parse(readFileSync(path.join(pipelineFolder(root, pipeline), 'examples.json'), 'utf8'));
}
