import { mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHistory, writeHistory } from '../../local/history-files.ts';
import { historyWith, noHistory } from '../../streaming/history.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = historyWith(randomUsers, noHistory);
const [schema] = first.schemas;
const many = { ...first, schemas: Array.from({ length: 11 }, (_, index) => ({ ...schema, name: `V${index + 1}` })) };

it('A history is read as it was written, its schemas in the order of their numbers', () => {
  writeHistory(folder, many as typeof first);
  expect(readHistory(folder)).toEqual(many);
});

it('A folder without a history has an empty one', () => {
  expect(readHistory(folder)).toEqual(noHistory);
});

it('A schema that is kept is never written again', () => {
  writeHistory(folder, first);
  const before = readFileSync(join(folder, 'schemas/1.avsc'), 'utf8');
  writeHistory(folder, { ...first, schemas: [{ ...schema, name: 'Other' }] as typeof first.schemas });
  expect(readFileSync(join(folder, 'schemas/1.avsc'), 'utf8')).toBe(before);
});

it('A missing version is said, not passed over', () => {
  writeHistory(folder, many as typeof first);
  unlinkSync(join(folder, 'schemas/2.avsc'));
  expect(() => readHistory(folder)).toThrow(/without a gap, got no 2\.avsc/);
});
