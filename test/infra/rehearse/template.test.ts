import { describe, expect, it } from 'vitest';
import { names } from '../../../infra/rehearse/references.ts';
import { type Resource, rehearsable, rehearsedOf } from '../../../infra/rehearse/template.ts';
import { stages } from '../../../stages.ts';
import { synthesize } from '../synthesized.ts';

const key = { Type: 'AWS::KMS::Key' };
const statement = (Resource: unknown) => ({ Effect: 'Allow', Action: 's3:*', Resource });

const rehearse = (Thing: Resource) => rehearsedOf({ a: { Resources: { Thing, Key: key } } });

describe('Of a stage is rehearsed', () => {
  it.each(stages)('no type but those that LocalStack makes, and nothing that refers to another: %s', (stage) => {
    const { templates } = rehearsedOf(synthesize(stage));
    const stacks = Object.values(templates).map(({ Resources }) => Resources);
    expect(stacks.length).toBeGreaterThan(2);
    for (const resources of stacks) {
      for (const { Type, Properties, DependsOn } of Object.values(resources)) {
        expect(rehearsable).toContain(Type);
        for (const name of [...names(Properties), ...[DependsOn ?? []].flat()])
          expect(Object.keys(resources)).toContain(name);
      }
    }
  });

  it.each(stages)('all that there is of these types, and every resource is counted: %s', (stage) => {
    const all = Object.values(synthesize(stage)).flatMap(({ Resources }) => Object.values(Resources));
    const { templates, rehearsed, notRehearsed } = rehearsedOf(synthesize(stage));
    const kept = Object.values(templates).flatMap(({ Resources }) => Object.keys(Resources));
    const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
    expect(kept).toHaveLength(sum(rehearsed));
    expect(kept).toHaveLength(all.filter(({ Type }) => rehearsable.includes(Type)).length);
    expect(sum(rehearsed) + sum(notRehearsed)).toBe(all.length);
  });

  it('no stack that has none of them', () => {
    expect(rehearsedOf({ a: { Resources: { Key: key } } }).templates).toEqual({});
  });

  it('a resource word for word, where nothing of it refers to others', () => {
    const Thing = {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: { 'Fn::Join': ['', ['a', { Ref: 'AWS::AccountId' }]] } },
      DeletionPolicy: 'Delete',
    };
    const { templates, leftOut } = rehearse(Thing);
    expect(templates).toEqual({ a: { Resources: { Thing } } });
    expect(leftOut).toEqual([]);
  });
});

describe('Is left out, and named,', () => {
  const to = 'refers to Key (AWS::KMS::Key)';
  const elsewhere = 'refers to Other (not a resource of its stack)';
  it.each<[string, Partial<Resource>, string, string]>([
    ['a property', { Properties: { KmsMasterKeyId: { Ref: 'Key' } } }, 'KmsMasterKeyId', to],
    ['a property of a parameter', { Properties: { Name: { Ref: 'Other' } } }, 'Name', elsewhere],
    ['what it waits for', { DependsOn: ['Key'] }, 'DependsOn', to],
    ['that it is to stay', { DeletionPolicy: 'Retain' }, 'DeletionPolicy', 'LocalStack does not act on "Retain"'],
    ['its condition', { Condition: 'IsSo' }, 'Condition', 'LocalStack does not act on "IsSo"'],
  ])('%s', (_, part, what, because) => {
    const { templates, leftOut } = rehearse({ Type: 'AWS::SNS::Topic', ...part });
    expect(templates).toEqual({ a: { Resources: { Thing: { Type: 'AWS::SNS::Topic', Properties: {} } } } });
    expect(leftOut).toEqual([{ stack: 'a', id: 'Thing', what, because }]);
  });

  it('one statement of a policy, and the others stay', () => {
    const PolicyDocument = { Version: '2012-10-17', Statement: [statement('*'), statement({ Ref: 'Key' })] };
    const { templates, leftOut } = rehearse({ Type: 'AWS::S3::BucketPolicy', Properties: { PolicyDocument } });
    expect(templates['a']?.Resources['Thing']?.Properties).toEqual({
      PolicyDocument: { Version: '2012-10-17', Statement: [statement('*')] },
    });
    expect(leftOut.map(({ what }) => what)).toEqual(['PolicyDocument.Statement[1]']);
  });
});
