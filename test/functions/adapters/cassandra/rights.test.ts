import { expect, it } from 'vitest';
import { tableGrants } from '../../../../functions/adapters/cassandra/rights.ts';

it('The job may write the tables, reconcile, rebuild and the reader may read them, erase may do both', () => {
  expect(tableGrants()).toEqual([
    'GRANT MODIFY ON KEYSPACE millrace TO millrace_stream',
    'GRANT SELECT ON KEYSPACE millrace TO millrace_reconcile',
    'GRANT SELECT ON KEYSPACE millrace TO millrace_erase',
    'GRANT MODIFY ON KEYSPACE millrace TO millrace_erase',
    'GRANT SELECT ON KEYSPACE millrace TO millrace_rebuild',
    'GRANT SELECT ON KEYSPACE millrace TO millrace_reader',
  ]);
});
