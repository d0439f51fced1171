import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { beforeAll, describe, expect, it } from 'vitest';
import { pipelines } from '../../streaming/pipelines/index.ts';
import { topicsOf } from '../../streaming/topics.ts';
import { type Resource, resourcesOf, synthesize, type Templates } from './synthesized.ts';

const [first, second] = pipelines;
if (first === undefined || second === undefined) throw new Error('expected two pipelines');

/** Words by which a resource is known as the second pipeline's. */
const names = [second.name, ...topicsOf(second).map(({ name }) => name), ...Object.keys(second.tables)];

const byId = (templates: Templates): ReadonlyMap<string, Resource> =>
  new Map(resourcesOf(templates).map(({ noun, id, ...resource }) => [`${noun}/${id}`, resource]));

/** What all pipelines share may name each of them: who may do what, what is shown, what is told. */
const sharedText: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Policy': ['PolicyDocument'],
  'AWS::Lambda::Function': ['Environment', 'ReservedConcurrentExecutions'],
  'AWS::CloudWatch::Dashboard': ['DashboardBody'],
  // Files that a deploy brings: the manifest of the DAGs.
  'Custom::CDKBucketDeployment': ['SourceObjectKeys', 'SourceBucketNames', 'SourceMarkers'],
  // `prepare` runs again where its own function has changed.
  'Custom::Trigger': ['HandlerArn'],
};

const spec = loadAwsServiceSpecSync();

/** Whether CloudFormation would make another one for a changed property. */
function replaces(type: string, property: string): boolean {
  if (!type.startsWith('AWS::')) return false;
  const { properties } = spec.lookup('resource', 'cloudFormationType', 'equals', type).only();
  return (properties[property]?.causesReplacement ?? 'no') !== 'no';
}

function changedProperties(one: Resource, both: Resource): readonly string[] {
  const all = new Set([...Object.keys(one.Properties ?? {}), ...Object.keys(both.Properties ?? {})]);
  return [...all].filter((name) => JSON.stringify(one.Properties[name]) !== JSON.stringify(both.Properties[name]));
}

describe.each(['dev', 'full'])('A second pipeline in stage %s', (stage) => {
  let one: Templates;
  let both: Templates;
  beforeAll(() => {
    one = synthesize(stage, { pipelines: [first] });
    both = synthesize(stage, { pipelines: [first, second] });
  });

  it('takes nothing away', () => {
    const ids = byId(both);
    expect([...byId(one).keys()].filter((id) => !ids.has(id))).toEqual([]);
  });

  it('brings only what bears its name', () => {
    const before = byId(one);
    const added = [...byId(both)].filter(([id]) => !before.has(id));
    expect(added.length).toBeGreaterThanOrEqual(topicsOf(second).length + Object.keys(second.tables).length);
    const strange = added.filter(([, resource]) => !names.some((name) => JSON.stringify(resource).includes(name)));
    expect(strange.map(([id]) => id)).toEqual([]);
  });

  it('changes of the others only what names every pipeline', () => {
    const after = byId(both);
    const changed = [...byId(one)].flatMap(([id, resource]) =>
      changedProperties(resource, after.get(id) as Resource).map((property) => ({ id, type: resource.Type, property })),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter(({ type, property }) => !sharedText[type]?.includes(property))).toEqual([]);
    expect(changed.filter(({ type, property }) => replaces(type, property))).toEqual([]);
  });

  it('is given to no other stack, so that it can go again', () => {
    const outputsOf = (templates: Templates) =>
      Object.entries(templates).flatMap(([noun, { Outputs = {} }]) =>
        Object.keys(Outputs).map((id) => `${noun}/${id}`),
      );
    expect(outputsOf(both).sort()).toEqual(outputsOf(one).sort());
  });
});
