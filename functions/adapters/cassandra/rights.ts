import { keyspace } from '../../../streaming/names.ts';
import { roles, rolesOn, userOf } from '../../roles.ts';
import type { Tables } from './tables.ts';

/** Gives every role its rights on the tables. */
export async function giveTableRights(tables: Tables): Promise<void> {
  for (const grant of tableGrants()) await tables.execute(grant);
}

/** Statements by which the keyspace's owner gives every role its rights; saying them again changes nothing. */
export function tableGrants(): readonly string[] {
  return rolesOn('cassandra').flatMap((role) => {
    const rights = roles[role].cassandra ?? [];
    if (rights === 'owner') return [];
    return rights.map((right) => `GRANT ${right} ON KEYSPACE ${keyspace} TO ${userOf(role)}`);
  });
}
