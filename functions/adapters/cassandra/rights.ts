import { keyspace } from '../../../streaming/names.ts';
import { roles, rolesOn, userOf } from '../../roles.ts';

/** Statements by which the keyspace's owner gives every role its rights; saying them again changes nothing. */
export function tableGrants(): readonly string[] {
  return rolesOn('cassandra').flatMap((role) => {
    const rights = roles[role].cassandra ?? [];
    if (rights === 'owner') return [];
    return rights.map((right) => `GRANT ${right} ON KEYSPACE ${keyspace} TO ${userOf(role)}`);
  });
}
