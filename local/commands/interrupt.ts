/** Aborts on Ctrl-C, and when whoever reads the output has seen enough (`| head`). */
export function untilInterrupted(): AbortSignal {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ending.abort());
  onClosedOutput(() => ending.abort());
  return ending.signal;
}

/** Ends the process when whoever reads the output has seen enough: for commands that leave nothing to tidy. */
export function endOnClosedOutput(): void {
  onClosedOutput(() => process.exit(0));
}

function onClosedOutput(then: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    then();
  });
}
