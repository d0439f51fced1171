import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GrowingLog, withoutMetrics } from '../../../local/commands/growing-log.ts';
import { logFileOf, servicesWithLogs } from '../../../local/commands/log-files.ts';

let data: string;
let file: string;

beforeEach(() => {
  data = mkdtempSync(path.join(os.tmpdir(), 'millrace-logs-'));
  mkdirSync(path.join(data, 'logs'));
  file = path.join(data, 'logs', 'kafka.log');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

function textOf(log: GrowingLog): string {
  const chunks: Buffer[] = [];
  const shown = withoutMetrics((bytes) => chunks.push(bytes));
  log.read(shown.write);
  shown.end();
  return Buffer.concat(chunks).toString();
}

describe('A growing log', () => {
  const metric = '{"level":"info","time":"2026-11-24T17:00:00.000Z","_aws":{"Timestamp":1},"RecordsLanded":3}\n';
  const long = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
  it.each([
    ['its last lines', 'a\nb\nc\n', 2, 'b\nc\n'],
    ['all of it when it has fewer', 'a\nb\n', 5, 'a\nb\n'],
    ['a last line that has no end yet', 'a\nb\nc', 2, 'b\nc'],
    ['an empty first line', '\nb\nc\n', 3, '\nb\nc\n'],
    ['nothing of an empty one', '', 3, ''],
    ['its last lines that are not metrics', `a\n${metric}b\n${metric}`, 2, 'a\nb\n'],
    [
      'a line that only speaks of metrics',
      `{"level":"info","time":"x","msg":"\\"_aws\\":"}\n`,
      2,
      `{"level":"info","time":"x","msg":"\\"_aws\\":"}\n`,
    ],
    ['more than one chunk', long, 15_000, long.slice(long.indexOf('line 5000\n'))],
  ])('shows %s', (_, text, lines, expected) => {
    writeFileSync(file, text);
    const log = new GrowingLog(file, lines);
    expect(textOf(log)).toBe(expected);
    log.close();
  });

  it('knows a metric that comes in two pieces', () => {
    const chunks: string[] = [];
    const shown = withoutMetrics((bytes) => chunks.push(bytes.toString()));
    for (const piece of ['a\n{"level":"info","ti', 'me":"x","_aws":{}}\nb', '\nc']) shown.write(Buffer.from(piece));
    shown.end();
    expect(chunks.join('')).toBe('a\nb\nc');
  });

  it('goes on across rotation, without losing the end of the old log', () => {
    writeFileSync(file, 'a\n');
    const log = new GrowingLog(file, 10);
    expect(textOf(log)).toBe('a\n');
    appendFileSync(file, 'end\n');
    renameSync(file, `${file}.1`);
    expect(textOf(log)).toBe('end\n');
    appendFileSync(`${file}.1`, 'late\n');
    writeFileSync(file, 'new\n');
    expect(textOf(log)).toBe('late\nnew\n');
    log.close();
  });
});

describe('The services with logs', () => {
  it('are the logs of this start, no old ones and no other files', () => {
    for (const name of ['kafka.log', 'cassandra.log', 'kafka.log.1', 'spark-1.properties'])
      writeFileSync(path.join(data, 'logs', name), '');
    expect(servicesWithLogs(data)).toEqual(['cassandra', 'kafka']);
    expect(logFileOf(data, 'kafka')).toBe(file);
    expect(() => logFileOf(data, '../credentials')).toThrow(/expected one of cassandra, kafka/);
  });

  it('are found by the beginning of their name, the newest first', () => {
    for (const [name, age] of [
      ['spark-b-1.log', 50],
      ['spark-a-2.log', 10],
      ['sparkle.log', 0],
    ] as const) {
      const log = path.join(data, 'logs', name);
      writeFileSync(log, '');
      utimesSync(log, new Date(), new Date(Date.now() - age * 1000));
    }
    expect(path.basename(logFileOf(data, 'spark'))).toBe('spark-a-2.log');
  });
});
