import { describe, expect, it } from 'vitest';
import { reportText } from '../../../infra/rehearse/report.ts';
import { rehearsedOf } from '../../../infra/rehearse/template.ts';

describe('The report of a rehearsal', () => {
  const KmsMasterKeyId = { Ref: 'Key' };
  const topic = { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId } };
  const key = { Type: 'AWS::KMS::Key' };
  const lines = reportText('dev', rehearsedOf({ a: { Resources: { Told: topic, Key: key, Another: key } } })).split(
    '\n',
  );

  it.each([
    'Rehearsed of stage dev:',
    '     1  AWS::SNS::Topic',
    '  none  AWS::SecretsManager::Secret',
    '  a Told, KmsMasterKeyId: refers to Key (AWS::KMS::Key)',
    'Not rehearsed, 2 resources of 1 types:',
    '     2  AWS::KMS::Key',
  ])('says %j', (line) => {
    expect(lines).toContain(line);
  });

  it('says so when nothing is left out', () => {
    expect(reportText('dev', rehearsedOf({}))).toContain('Left out of these:\n  nothing');
  });
});
