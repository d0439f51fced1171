import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/** Lets a server listen on a free port of loopback. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // A client that does not trust the certificate says so by hanging up.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, stop };
}
