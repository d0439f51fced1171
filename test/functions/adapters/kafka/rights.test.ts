import { describe, expect, it } from 'vitest';
import { aclsOf } from '../../../../functions/adapters/kafka/rights.ts';
import type { RoleName } from '../../../../functions/roles.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';

/** Numbers of Kafka's protocol. */
const [topic, group, cluster] = [2, 3, 4];
const [read, write, create, alter, describing] = [3, 4, 5, 7, 8];

describe("A role's ACLs", () => {
  it.each([
    ['relay', [[topic, 'random-users.v1', write]]],
    [
      'audit',
      [
        [topic, 'random-users.v1.audit', read],
        [group, 'random-users.v1.audit', read],
      ],
    ],
    [
      'stream',
      [
        [topic, 'random-users.v1', read],
        [topic, 'random-users.v1.audit', write],
        [group, 'spark-kafka-source-', read],
      ],
    ],
    [
      'prepare',
      [
        [topic, '*', create],
        [topic, '*', describing],
        [cluster, 'kafka-cluster', alter],
        [cluster, 'kafka-cluster', describing],
      ],
    ],
    ['extract', []],
  ] as [RoleName, unknown[]][])('of %s', (role, expected) => {
    const acls = aclsOf(role, [randomUsers]);
    expect(acls.map(({ resourceType, resourceName, operation }) => [resourceType, resourceName, operation])).toEqual(
      expected,
    );
  });

  it('name the user, and a prefix only where groups make up their names', () => {
    expect(
      aclsOf('stream', [randomUsers]).map(({ principal, resourcePatternType }) => [principal, resourcePatternType]),
    ).toEqual([
      ['User:millrace_stream', 3],
      ['User:millrace_stream', 3],
      ['User:millrace_stream', 4],
    ]);
  });
});
