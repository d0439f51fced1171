import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Changed {
  readonly folder: string;
  /** Name of the field that the definition has gained. */
  readonly field: string;
  remove(): void;
}

const field = 'proved_by';

/** A copy of this checkout whose first pipeline has a nullable field more: what a person would do, without touching theirs. */
export function changedCheckout(root: string, pipeline: string): Changed {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-prove-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root }).toString();
  // Git takes a link of that name for a file.
  for (const file of files.split('\0').filter((name) => name !== '' && name !== 'node_modules')) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(folder, file));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const definition = path.join(folder, `streaming/pipelines/${pipeline}/pipeline.ts`);
  writeFileSync(definition, withField(readFileSync(definition, 'utf8')));
  return { folder, field, remove: () => rmSync(folder, { recursive: true }) };
}

function withField(definition: string): string {
  const record = /^ {2}record: \{\n/m;
  if (!record.test(definition)) throw new Error('definition: expected the line "  record: {", got none');
  const said = `    ${field}: text('${field}').nullable().pii('none'),\n`;
  return definition.replace(record, (line) => line + said);
}
