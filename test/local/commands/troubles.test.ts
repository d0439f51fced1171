import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { troubleHelp, troubles, troublesOf } from '../../../local/commands/troubles.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs/operate.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));

describe('The table of troubles', () => {
  it('is that of docs/operate.md, row by row', () => {
    expect(rows.slice(2)).toEqual(troubles.map(({ wrong, see, command }) => `| ${wrong} | ${see} | \`${command}\` |`));
  });

  const verbs = [...new Set(troubles.map(({ command }) => command.split(' ')[2] as string))];

  it.each(verbs)('stands in the help of %s, as far as it is about it', (verb) => {
    const help = execFileSync(process.execPath, ['--import', 'tsx', `local/commands/${verb}.ts`, '--help'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(troublesOf(verb).length).toBeGreaterThan(0);
    for (const { wrong, command } of troublesOf(verb))
      expect(help.includes(wrong) && help.includes(command), wrong).toBe(true);
  });

  it('is shown whole where an operator begins', () => {
    expect(troublesOf('status')).toEqual(troubles);
  });

  it('says nothing below the help of a verb that mends nothing', () => {
    expect(troubleHelp('peek')).toBe('');
  });
});
