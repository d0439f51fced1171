import { readFileSync } from 'node:fs';
import { versions } from '../../versions.ts';
import { type ComposeFile, type Service, withDefaults } from './file.ts';
import type { Rule } from './rules.ts';

const own: { readonly version: string } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Where an image comes from, and what its tag is or, before a dash, begins with. */
const chosen: Readonly<Record<string, string>> = {
  millrace: own.version,
  'docker.io/library/node': versions.containerNode,
  'docker.io/library/postgres': versions.postgres,
  'docker.io/apache/kafka': versions.kafka,
  'docker.io/apicurio/apicurio-registry-mem': versions.registry,
  'docker.io/library/cassandra': versions.cassandra,
  'docker.io/apache/spark': `${versions.spark}-scala2.12-java${versions.java}`,
  'docker.io/apache/airflow': `${versions.airflow}-python${versions.python.at(-1)}`,
  'ghcr.io/kafbat/kafka-ui': `v${versions.kafkaUi}`,
};

/** Those that are run and those that are built upon. */
const imagesOf = ({ image = 'none', build }: Service) => [
  image,
  ...Object.entries(build?.args ?? {}).flatMap(([name, value]) => (name.endsWith('_IMAGE') ? [value] : [])),
];

const imagesIn = ({ services }: ComposeFile) => [...new Set(Object.values(services).flatMap(imagesOf))];

/** A stand-in can take its place by a variable, and the default says what exactly is run. */
export const pinnedImages: Rule = (file) =>
  imagesIn(file)
    .filter((image) => !/^\$\{[A-Z_]+_IMAGE:-[\w./-]+:v?\d+\.\d[\w.-]*\}$/.test(image))
    .map((image) => `image ${image}: expected \${X_IMAGE:-name:exact tag}`);

export const chosenVersions: Rule = (file) =>
  imagesIn(file).flatMap((image) => {
    const [name = '', tag = ''] = withDefaults(image).split(':');
    const version = chosen[name];
    if (version === undefined) return [`image ${name}: no version of it is chosen in versions.ts`];
    return tag === version || tag.startsWith(`${version}-`) ? [] : [`image ${name}: expected ${version}, got ${tag}`];
  });
