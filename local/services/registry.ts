import path from 'node:path';
import { type Made, make, type Server } from './made.ts';
import { type Listen, lightJvm, type Setting, serverEnv } from './setting.ts';

/** Apicurio: the schemas of the topic, and a page to look at them. */
export function registry({ folder, ports, listen, installed, java }: Setting): Server {
  const data = folder.data('registry');
  const made: Made = { files: {}, birth: { folder: data } };
  return {
    name: 'registry',
    dependsOn: [],
    command: java,
    args: ['-Xmx384m', ...lightJvm, '-jar', installed.registry],
    env: { ...serverEnv, ...registryEnv(ports.registry, data, listen) },
    cwd: data,
    logFile: folder.log('registry'),
    pidFile: folder.pid('registry'),
    startSeconds: 120,
    stopSignal: 'SIGTERM',
    stopSeconds: 20,
    made,
    prepare: () => make(made),
    health: () => health(registryUrl(ports.registry)),
  };
}

/** The API that Confluent's clients speak. */
export function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`;
}

/** WRITE_DELAY=0: by default a crash forgets the newest schema, and its id is given to another one. */
function registryEnv(port: number, data: string, listen: Listen): Readonly<Record<string, string>> {
  return {
    QUARKUS_HTTP_HOST: listen,
    QUARKUS_HTTP_PORT: String(port),
    REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${path.join(data, 'registry')};WRITE_DELAY=0`,
  };
}

async function health(url: string): Promise<void> {
  const answer = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(5000) });
  const body: unknown = await answer.json();
  if (!answer.ok || !Array.isArray(body))
    throw new Error(`The registry answered ${answer.status}, expected a list of subjects.`);
}
