import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

// Stands in for the CDK's command: notes how it was called, leaves the outputs that it was asked for.
const [verb, ...args] = process.argv.slice(2);
const { CDK_RECORD, CDK_FAILS, CDK_WAITS, CDK_OUTPUTS } = process.env;
const aws = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
appendFileSync(CDK_RECORD, `${JSON.stringify({ verb, args, cwd: process.cwd(), aws })}\n`);
console.log(`cdk ${verb} was called`);
const file = args[args.indexOf('--outputs-file') + 1];
if (args.includes('--outputs-file')) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, CDK_OUTPUTS ?? '{}');
}
if (CDK_WAITS === verb) setTimeout(() => undefined, 30_000);
else if (CDK_FAILS === verb) process.exitCode = 1;
