import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ToolCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Ends the tool when the runner is interrupted. */
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

const linesShown = 15;

/** Runs a tool of the user's to its end; a failure shows the last lines the tool said. */
export function runTool(call: ToolCall): Promise<void> {
  const { command, args, onLine, ...options } = call;
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        said.push(line);
        said.splice(0, said.length - linesShown);
        onLine?.(line);
      });
    }
    child.once('error', (cause) => {
      // An interrupt is an error too, but the tool still writes until it has ended.
      if (child.pid === undefined) reject(new Error(`${command} could not be started: ${cause.message}`, { cause }));
    });
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(failure(call, code ?? killedBy, said)));
    });
  });
}

function failure(call: ToolCall, ended: unknown, said: readonly string[]): string {
  return [`${call.command} ended with ${ended}, expected 0. Its last lines:`, ...said.map((line) => `  ${line}`)].join(
    '\n',
  );
}
