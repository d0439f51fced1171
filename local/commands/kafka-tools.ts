/** One of Kafka's own commands. */
export interface KafkaTool {
  readonly name: string;
  readonly what: string;
  readonly main: string;
  /** The option that names the file with the login. */
  readonly loginOption: '--command-config' | '--consumer.config';
}

const tool = (
  name: string,
  main: string,
  what: string,
  loginOption: KafkaTool['loginOption'] = '--command-config',
): KafkaTool => ({ name, main: `org.apache.kafka.tools.${main}`, what, loginOption });

/** The commands that the reader's rights are enough for; their names are those of Kafka's scripts, without `kafka-` and `.sh`. */
export const kafkaTools: readonly KafkaTool[] = [
  tool('topics', 'TopicCommand', 'lists and describes topics'),
  tool('consumer-groups', 'consumer.group.ConsumerGroupCommand', 'lists and describes consumer groups and their lag'),
  tool('console-consumer', 'consumer.ConsoleConsumer', 'prints messages as they lie on a topic', '--consumer.config'),
  tool('get-offsets', 'GetOffsetShell', 'the first and next offsets of topics'),
  tool('broker-api-versions', 'BrokerApiVersionsCommand', 'what the broker speaks'),
];

/** Arguments of a tool: what was typed, and what every tool must be told. */
export function toolArguments(
  { main, loginOption }: KafkaTool,
  typed: readonly string[],
  { brokers, loginFile }: { readonly brokers: readonly string[]; readonly loginFile: string },
): readonly string[] {
  if (typed.includes('--help') || typed.includes('--version')) return [main, ...typed];
  return [main, '--bootstrap-server', brokers.join(','), loginOption, loginFile, ...typed];
}
