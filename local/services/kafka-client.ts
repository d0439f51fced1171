import type { Login } from '../credentials.ts';

export function scramLogin({ user, password }: Login): string {
  return `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`;
}

/** A client's configuration as Kafka's tools read it. */
export function clientProperties(login: Login): string {
  return [
    'security.protocol=SASL_PLAINTEXT',
    'sasl.mechanism=SCRAM-SHA-512',
    `sasl.jaas.config=${scramLogin(login)}`,
    '',
  ].join('\n');
}
