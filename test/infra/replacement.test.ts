import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, it } from 'vitest';
import { stages } from '../../infra/config.ts';
import { evaluator } from './evaluate.ts';
import { type Resource, resourcesOf, synthesize } from './synthesized.ts';

/** What holds records, or could not be made again as it was. */
const stateful = [
  'AWS::RDS::DBInstance',
  'AWS::MSK::Cluster',
  'AWS::MSK::Topic',
  'AWS::Glue::Registry',
  'AWS::Cassandra::Keyspace',
  'AWS::Cassandra::Table',
  'AWS::EMRServerless::Application',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
];

const spec = loadAwsServiceSpecSync();

/** Properties that CloudFormation cannot change in place, by AWS's own specification. */
function immutableProperties(type: string): readonly string[] {
  const { properties } = spec.lookup('resource', 'cloudFormationType', 'equals', type).only();
  return Object.keys(properties).filter((name) => (properties[name]?.causesReplacement ?? 'no') !== 'no');
}

function immutablePart(type: string, { Properties, DeletionPolicy }: Resource, evaluate: (value: unknown) => unknown) {
  const kept = immutableProperties(type).filter((name) => name in Properties);
  return {
    type,
    whenDeleted: DeletionPolicy ?? 'Delete',
    immutable: Object.fromEntries(kept.map((name) => [name, evaluate(Properties[name])])),
  };
}

describe('What holds records is never replaced by a deploy', () => {
  it.each(stages)(
    '%s: logical ids and immutable properties are those of the baseline (a change loses data: see docs/deploy.md before -u)',
    async (stage) => {
      const templates = synthesize(stage);
      const evaluate = evaluator(templates);
      const baseline = stateful.flatMap((type) =>
        resourcesOf(templates, type).map(({ noun, id, ...resource }) => [
          `${noun}/${id}`,
          immutablePart(type, resource, (value) => evaluate(noun, value)),
        ]),
      );
      const text = `${JSON.stringify(Object.fromEntries(baseline.sort()), null, 2)}\n`;
      await expect(text).toMatchFileSnapshot(`baseline/${stage}.json`);
    },
  );

  it.each(stateful)('%s is in the baseline of every stage', (type) => {
    for (const stage of stages) expect(resourcesOf(synthesize(stage), type).length, stage).toBeGreaterThan(0);
  });
});
