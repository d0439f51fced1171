import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { listening } from './listening.ts';

export interface Login {
  readonly user: string;
  readonly database: string;
  readonly options: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, string | number | boolean | object | null>>;

/**
 * RDS as far as a login goes, and answers that the test gives by a piece of the statement. Only over TLS; passwords in
 * plain text, as for a token of IAM.
 *
 *   first   = int32:length int32:request | int32:length int32:version *(text NUL text NUL) NUL
 *   message = byte:kind int32:length body                                            ; PostgreSQL protocol 3
 */
export async function startRds(tls: { key: string; cert: string }) {
  const logins: Login[] = [];
  const answers: [piece: string, rows: readonly Row[]][] = [];
  const secureContext = createSecureContext(tls);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      converse(secure, logins, (sql) => answers.find(([piece]) => sql.includes(piece))?.[1] ?? []);
    });
  });
  /** Rows that statements with this piece are answered; what is not known has none. */
  const answer = (piece: string, ...rows: readonly Row[]) => void answers.unshift([piece, rows]);
  return { ...(await listening(server)), logins, answer, forget: () => void answers.splice(0) };
}

function converse(socket: Socket, logins: Login[], rowsOf: (sql: string) => readonly Row[]): void {
  let waiting = Buffer.alloc(0);
  let startup: Map<string, string> | undefined;
  let sql = '';
  const say = (...messages: readonly Buffer[]) => socket.write(Buffer.concat(messages));
  const on: Readonly<Record<string, (body: Buffer) => void>> = {
    p: (body) => {
      const [user = '', database = '', options = ''] = ['user', 'database', 'options'].map(
        (name) => startup?.get(name) ?? '',
      );
      logins.push({ user, database, options, password: body.toString('utf8', 0, body.length - 1) });
      say(message('R', int32(0)), ready);
    },
    Q: (body) => say(...answerTo(rowsOf(textAt(body, 0))), ready),
    P: (body) => {
      sql = textAt(body, body.indexOf(0) + 1);
      say(message('1'));
    },
    B: () => say(message('2')),
    D: () => say(description(rowsOf(sql))),
    E: () => say(...dataOf(rowsOf(sql))),
    S: () => say(ready),
    X: () => socket.end(),
  };
  const begin = (body: Buffer) => {
    const words = body.toString('utf8', 4).split('\0');
    startup = new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])));
    say(message('R', int32(3)));
  };
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (let size = sizeOfNext(waiting, startup); size > 0; size = sizeOfNext(waiting, startup)) {
      const next = waiting.subarray(0, size);
      waiting = waiting.subarray(size);
      if (startup === undefined) begin(next.subarray(4));
      else on[String.fromCharCode(next[0] ?? 0)]?.(next.subarray(5));
    }
  });
}

/** 0 while the next message has not come to its end; the first one has no kind. */
function sizeOfNext(waiting: Buffer, startup: object | undefined): number {
  const header = startup === undefined ? 0 : 1;
  if (waiting.length < header + 4) return 0;
  const size = header + waiting.readInt32BE(header);
  return waiting.length < size ? 0 : size;
}

const textAt = (body: Buffer, from: number) => body.toString('utf8', from, body.indexOf(0, from));
const answerTo = (rows: readonly Row[]) => [description(rows), ...dataOf(rows)];

function description([row]: readonly Row[]): Buffer {
  if (row === undefined) return message('n');
  const fields = Object.entries(row).map(([name, value]) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(oidOf(value)), int16(-1), int32(-1), int16(0)]),
  );
  return message('T', int16(fields.length), ...fields);
}

const dataOf = (rows: readonly Row[]) => [...rows.map(data), message('C', Buffer.from(`SELECT ${rows.length}\0`))];

function data(row: Row): Buffer {
  const values = Object.values(row).map((value) => {
    if (value === null) return int32(-1);
    const text = Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value));
    return Buffer.concat([int32(text.length), text]);
  });
  return message('D', int16(values.length), ...values);
}

/** bool, float8, jsonb or text. */
function oidOf(value: Row[string]): number {
  if (typeof value === 'boolean') return 16;
  if (typeof value === 'number') return 701;
  return typeof value === 'object' && value !== null ? 3802 : 25;
}

function message(kind: string, ...body: readonly Buffer[]): Buffer {
  const content = Buffer.concat(body);
  return Buffer.concat([Buffer.from(kind), int32(content.length + 4), content]);
}

const ready = message('Z', Buffer.from('I'));

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
