import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GrowingLog } from '../../../local/commands/growing-log.ts';
import { boundLogs, keepLogs } from '../../../local/supervisor/log-keeper.ts';

let folder: string;
const limits = { maxBytes: 100, sparkLogs: 2 };

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const write = (name: string, text = '', minute = 0) => {
  writeFileSync(path.join(folder, name), text);
  utimesSync(path.join(folder, name), 60 * minute, 60 * minute);
};

it('begins a large log anew under its writer, and keeps what it held', () => {
  const log = openSync(path.join(folder, 'kafka.log'), 'a');
  writeSync(log, 'x'.repeat(101));
  boundLogs(folder, limits);
  writeSync(log, 'next');
  closeSync(log);
  expect(read('kafka.log')).toBe('next');
  expect(read('kafka.log.1')).toBe('x'.repeat(101));
});

it('keeps one old log, however often it began anew', () => {
  for (const text of ['a', 'b', 'c']) {
    write('kafka.log', text.repeat(101));
    boundLogs(folder, limits);
  }
  expect(readdirSync(folder).sort()).toEqual(['kafka.log', 'kafka.log.1']);
  expect(read('kafka.log.1')).toBe('c'.repeat(101));
});

it('leaves a small log alone', () => {
  write('kafka.log', 'x'.repeat(100));
  boundLogs(folder, limits);
  expect(readdirSync(folder)).toEqual(['kafka.log']);
});

it('is followed by whoever reads the log meanwhile', () => {
  write('kafka.log', 'x'.repeat(101));
  const reader = new GrowingLog(path.join(folder, 'kafka.log'), 1);
  let seen = '';
  const take = () => reader.read((bytes) => (seen += bytes));
  take();
  boundLogs(folder, limits);
  write('kafka.log', 'next');
  take();
  reader.close();
  expect(seen).toBe(`${'x'.repeat(101)}next`);
});

it("removes Spark's old logs, and a job run's properties with its last log", () => {
  ['spark-aa-1.log', 'spark-bb-1.log', 'spark-bb-2.log', 'spark-cc-1.log'].forEach((name, minute) => {
    write(name, '', minute);
  });
  for (const run of ['aa', 'bb', 'cc']) write(`spark-${run}.properties`, 'password');
  boundLogs(folder, limits);
  expect(readdirSync(folder).sort()).toEqual([
    'spark-bb-2.log',
    'spark-bb.properties',
    'spark-cc-1.log',
    'spark-cc.properties',
  ]);
});

it('says what stands in its way and goes on', () => {
  writeFileSync(path.join(folder, 'kafka.log'), Buffer.alloc(33 * 1024 * 1024));
  // A folder in the place of the copy.
  mkdirSync(path.join(folder, 'kafka.log.1'));
  const lines: string[] = [];
  keepLogs(folder, (line) => lines.push(line)).stop();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('logs could not be cut: ');
  expect(read('kafka.log')).toBe('');
});
