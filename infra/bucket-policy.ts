import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type RoleName, roles } from '../functions/roles.ts';

type Right = NonNullable<(typeof roles)[RoleName]['bucket']>[string][number];

const actions: Readonly<Record<Right, string>> = {
  read: 's3:GetObject',
  write: 's3:PutObject',
  remove: 's3:DeleteObject',
};

/** What functions/roles.ts lets a role do in the artifact bucket, as policy of IAM. */
export function bucketStatements(bucket: IBucket, role: RoleName): PolicyStatement[] {
  const rights = Object.entries(roles[role].bucket ?? {});
  // Who may not list is told of an object that is not there that it is forbidden; and what is removed is found first.
  const lists = rights.some(([, list]) => list.includes('read') || list.includes('remove'));
  return [
    ...(lists ? [new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] })] : []),
    ...rights.map(
      ([prefix, list]) =>
        new PolicyStatement({
          actions: list.map((right) => actions[right]),
          resources: [bucket.arnForObjects(`${prefix}*`)],
        }),
    ),
  ];
}
