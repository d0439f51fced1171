import { describe, expect, it } from 'vitest';
import { type KafkaTool, kafkaTools, toolArguments } from '../../../local/commands/kafka-tools.ts';
import { clientProperties } from '../../../local/services/kafka-client.ts';

const where = { brokers: ['127.0.0.1:1', '127.0.0.1:2'], loginFile: '/d/client.properties' };
const toolNamed = (name: string) => kafkaTools.find((tool) => tool.name === name) as KafkaTool;

describe("One of Kafka's commands", () => {
  it.each([
    ['topics', ['--list'], '--command-config'],
    ['consumer-groups', ['--list'], '--command-config'],
    ['console-consumer', ['--topic', 'a b'], '--consumer.config'],
  ])('is told where the broker is and who asks: %s', (name, typed, loginOption) => {
    const [main, ...rest] = toolArguments(toolNamed(name), typed, where);
    expect(main).toMatch(/^org\.apache\.kafka\.tools\./);
    expect(rest).toEqual(['--bootstrap-server', '127.0.0.1:1,127.0.0.1:2', loginOption, where.loginFile, ...typed]);
  });

  it('needs neither to explain itself', () => {
    expect(toolArguments(toolNamed('topics'), ['--help'], where).slice(1)).toEqual(['--help']);
  });

  it('logs in by a file, so that no password is on a command line', () => {
    const login = { user: 'millrace_reader', password: 'secret' };
    expect(clientProperties(login)).toMatch(/sasl\.jaas\.config=.*username="millrace_reader" password="secret";/);
    expect(toolArguments(toolNamed('topics'), [], where).join(' ')).not.toContain('secret');
  });
});
