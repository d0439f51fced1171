import { createServer, type TLSSocket } from 'node:tls';
import { listening } from './listening.ts';

/**
 * A broker up to the login, over TLS: it keeps the tokens that clients bring and refuses every one.
 *
 *   request  = size int16:key int16:version int32:correlation string:client body
 *   response = size int32:correlation body
 */
export async function startKafka(tls: { key: string; cert: string }) {
  const tokens: string[] = [];
  const server = createServer(tls, (socket) => {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const size = waiting.readInt32BE(0);
        answer(socket, waiting.subarray(4, 4 + size), tokens);
        waiting = waiting.subarray(4 + size);
      }
    });
  });
  return { ...(await listening(server)), tokens };
}

const apiVersions = 18;
const saslHandshake = 17;
const saslAuthenticate = 36;
const refused = 58;

function answer(socket: TLSSocket, request: Buffer, tokens: string[]): void {
  const key = request.readInt16BE(0);
  const body = request.subarray(10 + request.readInt16BE(8));
  if (key === apiVersions)
    send(socket, request, [int16(0), int32(2), ...api(saslHandshake, 1), ...api(saslAuthenticate, 1), int32(0)]);
  if (key === saslHandshake) send(socket, request, [int16(0), int32(1), text('OAUTHBEARER')]);
  if (key !== saslAuthenticate) return;
  tokens.push(/auth=Bearer ([\w-]+)/.exec(body.toString('latin1'))?.[1] ?? '');
  send(socket, request, [int16(refused), text('refused by this test'), int32(0), int64(0)]);
}

function send(socket: TLSSocket, request: Buffer, body: readonly Buffer[]): void {
  const response = Buffer.concat([request.subarray(4, 8), ...body]);
  socket.write(Buffer.concat([int32(response.length), response]));
}

const api = (key: number, version: number) => [int16(key), int16(0), int16(version)];

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

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
