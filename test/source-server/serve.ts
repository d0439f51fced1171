import { parseArgs } from 'node:util';
import { startSourceServer } from './server.ts';

/** `npx tsx test/source-server/serve.ts --port 19800`: the recorded people over HTTP, for `npm run local -- --pipeline random-users --source <url>`. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '19800' }, delay: { type: 'string', default: '0' } },
});
const server = await startSourceServer({ port: Number(values.port), delayMs: Number(values.delay) });
console.log(`20,000 recorded people at ${server.url} (Ctrl-C ends)`);
process.once('SIGINT', () => void server.stop());
process.once('SIGTERM', () => void server.stop());
