import { describe, expect, it } from 'vitest';
import { roles, rolesOn, secretTables } from '../../functions/roles.ts';
import { steps } from '../../functions/steps.ts';

describe('The table of roles', () => {
  it('knows every step, the job and the reader', () => {
    expect(Object.keys(roles).sort()).toEqual([...steps.map(({ name }) => name), 'reader', 'stream'].sort());
  });

  it('lets nobody change or remove what has landed, but erase, which leaves the place', () => {
    const { erase, ...others } = roles;
    expect(erase.postgres).toMatchObject({ landing: ['select', 'update (payload, version)'] });
    const rights = Object.values(others).flatMap(({ postgres }) =>
      postgres === undefined || postgres === 'owner' ? [] : (postgres['landing'] ?? []),
    );
    expect(new Set(rights)).toEqual(new Set(['select', 'insert']));
  });

  it('has one owner of every store', () => {
    for (const server of ['postgres', 'kafka', 'cassandra'] as const) {
      expect(rolesOn(server).filter((role) => roles[role][server] === 'owner')).toEqual(['prepare']);
    }
  });

  it('lets only those read the secret of the suppressed keys who must know whether a key is one', () => {
    const readers = (Object.keys(roles) as (keyof typeof roles)[]).filter((role) => {
      const { postgres } = roles[role];
      return postgres !== undefined && postgres !== 'owner' && secretTables.some((table) => table in postgres);
    });
    expect(readers).toEqual(['extract', 'redrive', 'erase']);
  });

  it.each(['inspect', 'reader'] as const)('lets %s only look', (role) => {
    expect(roles[role].postgres).toEqual({ '*': ['select'] });
    expect(JSON.stringify(roles[role].kafka)).not.toMatch(/Write/);
    expect(roles[role].cassandra ?? ['SELECT']).toEqual(['SELECT']);
  });
});
