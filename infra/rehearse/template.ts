import { names } from './references.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Condition?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Templates by the name of their stack. */
export type Templates = Readonly<Record<string, Template>>;

/** Part of a resource that is left out where the resource is rehearsed: mostly it refers to what is not. */
export interface LeftOut {
  readonly stack: string;
  readonly id: string;
  readonly what: string;
  readonly because: string;
}

type Counts = Readonly<Record<string, number>>;

export interface Rehearsed {
  readonly templates: Templates;
  readonly rehearsed: Counts;
  readonly notRehearsed: Counts;
  readonly leftOut: readonly LeftOut[];
}

/** What LocalStack makes for real, with the policies of it. Of any other type it says that it has, and has not. */
export const rehearsable: readonly string[] = [
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SecretsManager::Secret',
];

/** Takes what can be rehearsed out of the templates that CloudFormation would be sent, as it stands there. */
export function rehearsedOf(templates: Templates): Rehearsed {
  const leftOut: LeftOut[] = [];
  const kept = Object.entries(templates).map(([stack, template]) => {
    const resources = keptOf(template).map(([id, resource]) => {
      const { whole, lost } = cleaned(resource, template);
      leftOut.push(...lost.map((one) => ({ stack, id, ...one })));
      return [id, whole] as const;
    });
    return [stack, { Resources: Object.fromEntries(resources) }] as const;
  });
  const types = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type));
  return {
    templates: Object.fromEntries(kept.filter(([, { Resources }]) => Object.keys(Resources).length > 0)),
    rehearsed: Object.fromEntries(rehearsable.map((type) => [type, types.filter((each) => each === type).length])),
    notRehearsed: countsOf(types.filter((type) => !rehearsable.includes(type))),
    leftOut,
  };
}

const keptOf = ({ Resources }: Template) =>
  Object.entries(Resources).filter(([, { Type }]) => rehearsable.includes(Type));

type Lost = Pick<LeftOut, 'what' | 'because'>;

/**
 * A resource without what refers to others; each statement of a policy is looked at by itself. LocalStack takes away what
 * is to be retained, so that only `Delete` is rehearsed.
 */
function cleaned(resource: Resource, template: Template): { readonly whole: Resource; readonly lost: readonly Lost[] } {
  const { Type, Properties = {}, DependsOn = [], ...attributes } = resource;
  const kept = new Set(keptOf(template).map(([id]) => id));
  const lost: Lost[] = Object.entries(attributes)
    .filter(([, value]) => value !== 'Delete')
    .map(([what, value]) => ({ what, because: `LocalStack does not act on ${JSON.stringify(value)}` }));
  const stays = (what: string, value: unknown): boolean => {
    const foreign = names(value).filter((name) => !kept.has(name));
    const told = foreign.map((name) => `${name} (${template.Resources[name]?.Type ?? 'not a resource of its stack'})`);
    if (told.length > 0) lost.push({ what, because: `refers to ${told.join(', ')}` });
    return told.length === 0;
  };
  const { PolicyDocument: policy, ...rest } = Properties;
  const properties = Object.entries(rest).filter(([name, value]) => stays(name, value));
  const dependsOn = [DependsOn].flat().filter((name) => stays('DependsOn', { Ref: name }));
  return {
    whole: {
      Type,
      Properties: {
        ...Object.fromEntries(properties),
        ...(policy === undefined ? {} : { PolicyDocument: cleanedPolicy(policy as Policy, stays) }),
      },
      ...(dependsOn.length === 0 ? {} : { DependsOn: dependsOn }),
      ...Object.fromEntries(Object.entries(attributes).filter(([, value]) => value === 'Delete')),
    },
    lost,
  };
}

interface Policy {
  readonly Statement: readonly unknown[];
}

const cleanedPolicy = (policy: Policy, stays: (what: string, value: unknown) => boolean): Policy => ({
  ...policy,
  Statement: policy.Statement.filter((statement, at) => stays(`PolicyDocument.Statement[${at}]`, statement)),
});

/** How many there are of each, in the order of their names. */
function countsOf(types: readonly string[]): Counts {
  const sorted = [...new Set(types)].sort();
  return Object.fromEntries(sorted.map((type) => [type, types.filter((each) => each === type).length]));
}
