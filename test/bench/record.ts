import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Figure } from './figures.ts';

const docs = path.join(import.meta.dirname, '..', '..', 'docs');
const dataFile = path.join(docs, 'performance.json');
const page = path.join(docs, 'performance.md');
const marks = { from: '<!-- figures: written by npm run bench -->', until: '<!-- end of figures -->' };

interface Recorded {
  readonly what: string;
  readonly date: string;
  readonly machine: string;
  readonly figures: readonly Figure[];
}

/** Keeps a bench's figures beside those of the others, and writes all of them into the page. */
export async function record(name: string, what: string, figures: readonly Figure[]): Promise<void> {
  const known = JSON.parse(await readFile(dataFile, 'utf8')) as Record<string, Recorded>;
  const date = new Date().toISOString().slice(0, 10);
  const all = { ...known, [name]: { what, date, machine: machine(), figures } };
  await writeFile(dataFile, `${JSON.stringify(all, null, 2)}\n`);
  const text = await readFile(page, 'utf8');
  const [before = '', rest = ''] = text.split(marks.from);
  const after = rest.split(marks.until)[1] ?? '';
  await writeFile(page, `${before}${marks.from}\n\n${tables(all)}\n${marks.until}${after}`);
}

function machine(): string {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} cores (${cpu?.model ?? 'unknown'}), ${memory} GiB, ${os.type()}, Node ${process.version}`;
}

export function tables(all: Readonly<Record<string, Recorded>>): string {
  return Object.entries(all).map(table).join('\n');
}

function table([name, { what, date, machine, figures }]: [string, Recorded]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, must, stretch } = figure;
    return `| ${name.trim()} | ${value} ${unit} | ${must ?? ''} | ${stretch ?? ''} | ${verdictOf(figure)} |`;
  });
  return [
    `### \`npm run bench -- ${name}\``,
    '',
    `${what}. ${date}; ${machine}.`,
    '',
    '| figure | measured | must | stretch | |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Which of its goals a figure meets. */
export function verdictOf({ value, must, stretch, more = false }: Figure): string {
  const meets = (goal: number | undefined) => goal !== undefined && (more ? value >= goal : value <= goal);
  if (must === undefined) return '';
  if (meets(stretch)) return 'stretch';
  return meets(must) ? 'must' : 'missed';
}
