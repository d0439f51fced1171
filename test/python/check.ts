import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';

/** Lint, format and types of every Python file, by tools that npm installs. `--write` puts the format right. */
const root = path.join(import.meta.dirname, '../..');
const folders = ['streaming', 'infra', 'test'];

const ruff = new Workspace(
  {
    'target-version': 'py39',
    'line-length': 120,
    format: { 'quote-style': 'single' },
    lint: {
      select: ['E', 'W', 'F', 'I', 'B', 'C4', 'C90', 'N', 'RET', 'SIM', 'T20'],
      mccabe: { 'max-complexity': 10 },
      // Files that lie side by side import each other by their bare names.
      isort: { 'known-first-party': ['streaming/job', 'streaming/dags'].flatMap(namesIn) },
    },
  },
  PositionEncoding.Utf16,
);

function namesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder)).map((name) => path.parse(name).name);
}

function pythonFiles(): string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.py'))
      .map((name) => path.join(folder, name)),
  );
}

function problemsOf(file: string, shouldWrite: boolean): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const formatted = ruff.format(text);
  if (shouldWrite) writeFileSync(path.join(root, file), formatted);
  const found = (ruff.check(formatted) as Diagnostic[]).map(
    ({ start_location: at, code, message }) => `${file}:${at.row}:${at.column} ${code ?? ''} ${message}`,
  );
  const isFormatted = shouldWrite || formatted === text;
  return isFormatted ? found : [`${file}: not formatted; npx tsx test/python/check.ts --write does it`, ...found];
}

function typesAreRight(): boolean {
  const pyright = createRequire(import.meta.url).resolve('pyright/index.js');
  const config = path.join(import.meta.dirname, 'pyrightconfig.json');
  return spawnSync(process.execPath, [pyright, '--project', config], { stdio: 'inherit' }).status === 0;
}

const problems = pythonFiles().flatMap((file) => problemsOf(file, process.argv.includes('--write')));
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (!typesAreRight() || problems.length > 0) process.exitCode = 1;
