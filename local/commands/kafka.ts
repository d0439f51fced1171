import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Command } from 'commander';
import { lightJvm, serverEnv, writeConfig } from '../services/setting.ts';
import { requireRunning } from './connect.ts';
import { endWith } from './end.ts';
import { clientProperties, type KafkaTool, kafkaTools, toolArguments } from './kafka-tools.ts';
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
  const loginFile = path.resolve(data, 'config', 'kafka-client.properties');
  writeConfig(loginFile, clientProperties(readers.topic));
  const { java, classPath } = platform.kafkaTools;
  const args = toolArguments(tool, typed, { brokers: readers.topic.brokers, loginFile });
  const child = spawn(java, ['-Xmx256m', ...lightJvm, '-cp', classPath, ...args], { env: serverEnv, stdio: 'inherit' });
  // Ctrl-C reaches the tool too, which ends in its own way.
  process.on('SIGINT', () => undefined);
  const [code] = await once(child, 'exit');
  return (code as number | null) ?? 1;
}

await runVerb(command);
