import { createServer, type TLSSocket } from 'node:tls';
import { listening } from './listening.ts';

/**
 * Keyspaces up to the login, over TLS: it keeps what clients answer to its challenge and refuses every one.
 *
 *   frame = byte:version byte:flags int16:stream byte:opcode int32:length body     ; CQL binary protocol 4
 */
export async function startKeyspaces(tls: { key: string; cert: string }) {
  const logins: { readonly greeting: string; answer?: string }[] = [];
  const server = createServer(tls, (socket) => {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 9 && waiting.length >= 9 + waiting.readInt32BE(5)) {
        const length = waiting.readInt32BE(5);
        answer(socket, waiting.subarray(0, 9 + length), logins);
        waiting = waiting.subarray(9 + length);
      }
    });
  });
  return { ...(await listening(server)), logins };
}

export const nonce = '91703fdc2ef562e19fbdab0f58e42fe5';

const opcodes = { error: 0, startup: 1, authenticate: 3, options: 5, supported: 6, challenge: 14, response: 15 };
const version = 4;

function answer(socket: TLSSocket, frame: Buffer, logins: { greeting: string; answer?: string }[]): void {
  const opcode = frame[4];
  const reply = (code: number, body: Buffer) => socket.write(frameOf(frame.readInt16BE(2), code, body));
  if (frame[0] !== version) return void reply(opcodes.error, error(0x0a, 'Invalid or unsupported protocol version'));
  if (opcode === opcodes.options) reply(opcodes.supported, Buffer.alloc(2));
  if (opcode === opcodes.startup) reply(opcodes.authenticate, text('org.apache.cassandra.auth.PasswordAuthenticator'));
  if (opcode !== opcodes.response) return;
  const token = frame.subarray(13).toString('latin1');
  if (token.startsWith('SigV4')) {
    logins.push({ greeting: token });
    reply(opcodes.challenge, bytes(`nonce=${nonce}`));
  } else {
    const login = logins.at(-1);
    if (login) login.answer = token;
    reply(opcodes.error, error(0x0100, 'refused by this test'));
  }
}

function frameOf(stream: number, opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header[0] = 0x80 | version;
  header.writeInt16BE(stream, 2);
  header[4] = opcode;
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}

function bytes(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}

function error(code: number, message: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(code);
  return Buffer.concat([bytes, text(message)]);
}
