import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { recordedPeople } from '../source-server/people.ts';

/**
 * A source that costs next to nothing: recorded people as text, every one of them under a key of its own, so that each
 * record is a new row. Run as a program it listens on the given port and answers until it is ended.
 */
function serve(port: number): void {
  const cut = recordedPeople()
    .slice(0, 10_000)
    .map((person) => JSON.stringify(person).split(person.login.uuid) as [string, string]);
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const seed = createHash('sha256')
      .update(searchParams.get('seed') ?? '')
      .digest('hex')
      .slice(0, 16);
    const size = Number(searchParams.get('results'));
    const first = (Number(searchParams.get('page')) - 1) * size;
    const people = Array.from({ length: size }, (_, index) => {
      const [before, after] = cut[(first + index) % cut.length] as [string, string];
      return before + keyOf(seed, first + index) + after;
    });
    const body = `{"results":[${people.join()}],"info":{"seed":"${searchParams.get('seed')}"}}`;
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(port, '127.0.0.1');
}

/** Hex digits of the seed, then the record's number. */
function keyOf(seed: string, ordinal: number): string {
  const number = ordinal.toString(16).padStart(12, '0');
  return `${seed.slice(0, 8)}-${seed.slice(8, 12)}-4${seed.slice(13, 16)}-8${seed.slice(1, 4)}-${number}`;
}

export const feedProgram = fileURLToPath(import.meta.url);

if (process.argv[1] === feedProgram) serve(Number(process.argv[2]));
