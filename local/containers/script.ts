import path from 'node:path';
import type { Server } from '../services/made.ts';

/** A text as one word of the shell. */
export const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const line = (command: string, args: readonly string[]) => [command, ...args].map(word).join(' ');

const head = `#!/usr/bin/env bash
set -euo pipefail
umask 077
`;

/**
 * What the runner does with a server on a machine, as a script for its container: makes its folder once, whole or not at
 * all, and becomes its process.
 */
export function scriptOf({
  command,
  args,
  env,
  made: { birth },
}: Pick<Server, 'command' | 'args' | 'env' | 'made'>): string {
  const { folder, fill } = birth;
  const partial = `${folder}.partial`;
  const filled = fill?.(partial);
  const making = [
    ...[`rm -rf ${word(partial)}`, `mkdir ${word(partial)}`],
    ...(filled === undefined ? [] : [line(filled.command, filled.args)]),
    `mv ${word(partial)} ${word(folder)}`,
  ];
  return [
    `${head}${exports(env)}if [ ! -e ${word(folder)} ]; then`,
    ...making.map((step) => `  ${step}`),
    'fi',
    `cd ${word(path.dirname(folder))}`,
    `exec ${line(command, args)}`,
    '',
  ].join('\n');
}

/** A script that only becomes a process. */
export function plainScript(env: Readonly<Record<string, string>>, command: string, args: readonly string[]): string {
  return `${head}${exports(env)}exec ${line(command, args)}\n`;
}

/** Where programs are is the image's business. */
function exports(env: Readonly<Record<string, string>>): string {
  const words = Object.entries(env).flatMap(([name, value]) => (name === 'PATH' ? [] : [`${name}=${word(value)}`]));
  return words.map((each) => `export ${each}\n`).join('');
}

/**
 * Asks a server one question of its protocol and looks at the beginning of its answer, with what every image has. Both as
 * hexadecimal digits; a dot in the answer is any digit.
 */
export function asksBytes(port: number, question: string, answer: string): string {
  const escaped = question.replaceAll(/../g, '\\x$&');
  return `${head}exec 3<>/dev/tcp/127.0.0.1/${port}
printf '${escaped}' >&3
said=$(head -c ${answer.length / 2} <&3 | od -An -v -tx1 | tr -d ' \\n')
[[ $said =~ ^${answer}$ ]] || { echo "expected ${answer}, got $said"; exit 1; }
`;
}

/** Asks for a page, and looks for a pattern of bash in an answer that is no error of the server. */
export function asksPage(port: number, page: string, pattern: string): string {
  return `${head}exec 3<>/dev/tcp/127.0.0.1/${port}
printf 'GET ${page} HTTP/1.0\\r\\nHost: 127.0.0.1:${port}\\r\\n\\r\\n' >&3
said=$(cat <&3 | tr -d '\\r\\n')
expected=${word(pattern)}
[[ $said =~ ^HTTP/1\\.[01]\\ [24] && $said =~ $expected ]] || { echo "expected $expected, got \${said:0:300}"; exit 1; }
`;
}
