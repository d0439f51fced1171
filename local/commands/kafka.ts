import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { requireRunning } from './connect.ts';
import { endWith } from './end.ts';
import { type KafkaTool, kafkaTools, toolArguments } from './kafka-tools.ts';
import { runVerb } from './verb.ts';

const command = new Command('npm run kafka --')
  .description(
    "Kafka's own commands, logged in to this data folder's broker as the reader, who may only look.\n" +
      'Such as: npm run kafka -- topics --list',
  )
  .option('--data <dir>', "data folder; before the tool's name", '.millrace')
  .enablePositionalOptions();

for (const tool of kafkaTools) {
  command
    .command(tool.name)
    .description(tool.what)
    .argument('[args...]', "the tool's own; --help lists them")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((typed: string[]) => endWith(() => run(tool, typed, command.opts<{ data: string }>().data)));
}

async function run(tool: KafkaTool, typed: readonly string[], data: string): Promise<number> {
  const { platform, readers } = requireRunning(data);
  if (platform.kafkaTools === undefined)
    throw new Error("Kafka's commands are not here, but in Kafka's own container.");
  const { command: words, loginFile } = platform.kafkaTools;
  const [program = '', ...before] = words;
  const args = toolArguments(tool, typed, { brokers: readers.topic.brokers, loginFile });
  const child = spawn(program, [...before, ...args], { stdio: 'inherit' });
  // Ctrl-C reaches the tool too, which ends in its own way.
  process.on('SIGINT', () => undefined);
  const [code] = await once(child, 'exit');
  return (code as number | null) ?? 1;
}

await runVerb(command);
