import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('A line is out when the call that wrote it returns: a function is frozen, or ended, as soon as it has answered', () => {
  const module = JSON.stringify(fileURLToPath(new URL('../../functions/log.ts', import.meta.url)));
  const program = `
    import { log } from ${module};
    for (const line of ['first', 'second', 'last']) log.info(line);
    process.kill(process.pid, 'SIGKILL');`;
  const { signal, stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(signal).toBe('SIGKILL');
  const lines = stdout.split('\n').filter(Boolean);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['first', 'second', 'last']);
});
