import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { evaluator } from './evaluate.ts';
import { type Resource, resourcesOf, type Templates } from './synthesized.ts';

/** What holds records, or could not be made again as it was. */
export const stateful = [
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

/** Per stateful resource what may not change, as text that is compared with the committed one. */
export function baselineOf(templates: Templates): string {
  const evaluate = evaluator(templates);
  const baseline = stateful.flatMap((type) =>
    resourcesOf(templates, type).map(({ noun, id, ...resource }) => [
      `${noun}/${id}`,
      immutablePart(type, resource, (value) => evaluate(noun, value)),
    ]),
  );
  return `${JSON.stringify(Object.fromEntries(baseline.sort()), null, 2)}\n`;
}
