import { describe, expect, it } from 'vitest';
import { type Made, wrongIds } from '../../../infra/rehearse/made.ts';

const templates = { a: { Resources: { Thing: { Type: 'AWS::SQS::Queue' } } } };
const good: Made = {
  ...{ stack: 'a', id: 'Thing', type: 'AWS::SQS::Queue' },
  ...{ status: 'CREATE_COMPLETE', physicalId: 'http://127.0.0.1:4566/queue/us-east-1/000000000000/a' },
};

describe('What CloudFormation says it has made', () => {
  it('is believed with a physical id', () => {
    expect(wrongIds(templates, [good])).toEqual([]);
  });

  it.each<[string, readonly Made[], string]>([
    ['without an id', [{ ...good, physicalId: undefined }], 'none'],
    ['with an empty id', [{ ...good, physicalId: ' ' }], 'none'],
    [
      'with the id that LocalStack gives to types it does not know',
      [{ ...good, physicalId: 'unknown' }],
      'unknown: nothing was made',
    ],
    ['with another status', [{ ...good, status: 'CREATE_FAILED' }], 'status CREATE_FAILED'],
    ['in another stack', [{ ...good, stack: 'b' }], 'not listed'],
    ['not at all', [], 'not listed'],
  ])('is refused %s', (_, made, got) => {
    expect(wrongIds(templates, made)).toEqual([`a Thing (AWS::SQS::Queue): expected a physical id, got ${got}`]);
  });
});
