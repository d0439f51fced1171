import { describe, expect, it } from 'vitest';
import { names } from '../../../infra/rehearse/references.ts';

describe('A value of a template refers to', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['nothing', { a: ['b', 1, null, true] }, []],
    ['a resource', { a: { Ref: 'Key' } }, ['Key']],
    ['an attribute', { 'Fn::GetAtt': ['Key', 'Arn'] }, ['Key']],
    ['an attribute in one text', { 'Fn::GetAtt': 'Key.Arn' }, ['Key']],
    ['nothing of ours by a parameter of AWS', { Ref: 'AWS::Region' }, []],
    ['what a text is joined of', { 'Fn::Join': ['', ['a', { Ref: 'Key' }]] }, ['Key']],
    [
      'what stands in a text',
      { 'Fn::Sub': 'a-$' + '{Key}-$' + '{Role.Arn}-$' + '{!Not}-$' + '{AWS::Region}' },
      ['Key', 'Role'],
    ],
    [
      'what is given to a text',
      { 'Fn::Sub': ['$' + '{Given}-$' + '{Key}', { Given: { Ref: 'Role' } }] },
      ['Key', 'Role'],
    ],
    ['another stack', { 'Fn::ImportValue': 'Elsewhere' }, ['Fn::ImportValue']],
    ['a condition', { 'Fn::If': ['IsSo', 1, 2] }, ['Fn::If']],
  ])('%s', (_, value, expected) => {
    expect(names(value)).toEqual(expected);
  });
});
