import { SingleBar } from 'cli-progress';

/** How far something long has come. */
export interface Progress {
  /** So many are done; text says what else there is to know. */
  at(done: number, text?: string): void;
  stop(): void;
}

/** Often enough to see that it lives. */
const lineEveryMs = 5000;

/** A bar on a terminal; elsewhere a line now and then. */
export function progressOf(what: string, total: number, terminal: NodeJS.WriteStream = process.stderr): Progress {
  return terminal.isTTY ? bar(what, total, terminal) : lines(what, total, terminal);
}

function bar(what: string, total: number, stream: NodeJS.WriteStream): Progress {
  const shown = new SingleBar({
    stream,
    format: `  ${what} [{bar}] {value}/{total}  {text}`,
    barsize: 30,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    fps: 5,
    emptyOnZero: true,
    clearOnComplete: true,
  });
  shown.start(total, 0, { text: '' });
  return { at: (done, text = '') => shown.update(Math.min(done, total), { text }), stop: () => shown.stop() };
}

function lines(what: string, total: number, stream: NodeJS.WriteStream): Progress {
  let printedAt = performance.now();
  return {
    at(done, text = '') {
      if (performance.now() - printedAt < lineEveryMs) return;
      printedAt = performance.now();
      stream.write(`  ${what} ${done}/${total}  ${text}`.trimEnd().concat('\n'));
    },
    stop: () => undefined,
  };
}
