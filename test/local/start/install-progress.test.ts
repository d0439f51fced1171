import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { InstallEvent } from '../../../local/install/install.ts';
import { installProgress } from '../../../local/start/install-progress.ts';

const event = (more: Partial<InstallEvent>): InstallEvent => ({
  component: 'kafka',
  state: 'downloading',
  seconds: 2,
  totalMb: 43,
  ...more,
});
const half = event({ fetched: { megabytes: 20, file: 'kafka.jar' } });

/** Takes what a terminal would show. */
function terminal() {
  let shown = '';
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50 });
  stream.on('data', (bytes) => {
    shown += bytes;
  });
  const tty = stream as unknown as NodeJS.WriteStream;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own commands begin with one.
  return { tty, shown: () => shown.replace(/\u001b\[[\d?;]*[A-Za-z]/g, '') };
}

function printed(events: readonly InstallEvent[]): readonly string[] {
  const lines: string[] = [];
  const listen = installProgress((line) => lines.push(line), undefined);
  for (const each of events) listen(each);
  return lines;
}

it('is a line at the beginning and the end where there is no terminal', () => {
  expect(printed([event({}), half, half, event({ state: 'ready', seconds: 9 })])).toEqual([
    '  kafka      fetching 43 MB',
    '  kafka      installed in 9 s',
  ]);
});

it('says nothing of what is present', () => {
  const { tty, shown } = terminal();
  installProgress(() => undefined, tty)(event({ state: 'present' }));
  expect(printed([event({ state: 'present' })])).toEqual([]);
  expect(shown()).toBe('');
});

it('is a bar with what came, how much there is, the speed and the file on a terminal', () => {
  const { tty, shown } = terminal();
  const listen = installProgress(() => undefined, tty);
  listen(event({}));
  listen(half);
  listen(event({ state: 'failed' }));
  expect(shown()).toMatch(/kafka {6}\[=+ +\] {2}20\/43 MB, 10\.0 MB\/s {2}kafka\.jar/);
});

it('ends a bar when all is there, whatever was expected', () => {
  const { tty, shown } = terminal();
  const listen = installProgress(() => undefined, tty);
  listen(event({ fetched: { megabytes: 99 } }));
  listen(event({ state: 'ready', seconds: 9 }));
  expect(shown()).toMatch(/\[={20}\] {2}43\/43 MB, 4\.8 MB\/s {2}installed in 9 s/);
  expect(shown()).not.toContain('99');
});
