import { failed } from './failed.ts';
import { TryAgain } from './patience.ts';

/** Reads a body as it is decompressed and stops at the limit, so that a small answer cannot unfold into all memory. */
export async function readBody(url: string, response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(url, response)) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw failed('source_bad_answer', `${url}: expected at most ${limit} bytes after decompression, got more`, {
        retriable: false,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

async function* chunksOf(url: string, response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (cause) {
    const failure = failed('source_unreachable', `${url}: expected a whole answer, got one cut off while it was read`, {
      retriable: true,
      cause,
    });
    throw new TryAgain(failure);
  }
}
