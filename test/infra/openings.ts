import { resourcesOf, type Templates } from './synthesized.ts';

interface Rule {
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
}

/** Groups that let somebody in who is not a group of ours. */
export function openings(templates: Templates): readonly string[] {
  const isOpen = ({ CidrIp, CidrIpv6 }: Rule) => CidrIp !== undefined || CidrIpv6 !== undefined;
  const inline = resourcesOf(templates, 'AWS::EC2::SecurityGroup').filter(({ Properties }) =>
    ((Properties['SecurityGroupIngress'] ?? []) as Rule[]).some(isOpen),
  );
  const apart = resourcesOf(templates, 'AWS::EC2::SecurityGroupIngress').filter(({ Properties }) => isOpen(Properties));
  return [...inline, ...apart].map(({ id }) => id);
}
