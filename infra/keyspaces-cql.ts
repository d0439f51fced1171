/**
 * What Amazon Keyspaces refuses of the CQL that Apache Cassandra takes, so that a statement which would fail on AWS only
 * fails here. Every rule says why and has an example that it must reject. Read in AWS's developer guide on 2026-11-27:
 * "Supported Cassandra APIs", "Functional differences", "Quotas", "DML statements", "Client-side timestamps".
 */
export interface CqlRule {
  readonly name: string;
  readonly reason: string;
  /** A statement that Cassandra takes and this rule rejects. */
  readonly example: string;
  /** Is given the statement in lower case, without comments, its texts emptied. */
  readonly refuses: (statement: string) => boolean;
}

export const mostBatchStatements = 30;
const mostInValues = 100;
const mostColumnsWithTtl = 166;
const twoDaysMs = 48 * 3_600_000;

const matches = (pattern: RegExp) => (statement: string) => pattern.test(statement);

/** Statements of which Keyspaces has no kind. */
const kinds: readonly CqlRule[] = [
  {
    name: 'truncate',
    reason: 'there is no TRUNCATE: rows are deleted, or the table is made anew',
    example: 'TRUNCATE millrace.users',
    refuses: matches(/^truncate\b/),
  },
  {
    name: 'index',
    reason: 'there are no secondary indexes: a second table has the other key',
    example: "CREATE CUSTOM INDEX ON millrace.users (email) USING 'sai'",
    refuses: matches(/^(create|drop)( custom)? index\b/),
  },
  {
    name: 'view',
    reason: 'there are no materialized views: the stream writes a second table',
    example: 'CREATE MATERIALIZED VIEW m AS SELECT * FROM users WHERE email IS NOT NULL PRIMARY KEY (email)',
    refuses: matches(/^(create|alter|drop) materialized view\b/),
  },
  {
    name: 'function',
    reason: 'there are no functions or aggregates of a user: Spark computes columns',
    example: "CREATE OR REPLACE FUNCTION one() CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;'",
    refuses: matches(/^(create( or replace)?|drop) (function|aggregate)\b/),
  },
  {
    name: 'trigger',
    reason: 'there are no triggers',
    example: "CREATE TRIGGER t ON users USING 'org.example.T'",
    refuses: matches(/^(create|drop) trigger\b/),
  },
  {
    name: 'alter type',
    reason: 'a user-defined type cannot be altered, only dropped',
    example: 'ALTER TYPE place ADD street text',
    refuses: matches(/^alter type\b/),
  },
  {
    name: 'alter table',
    reason: 'a table can gain columns and properties; no column is dropped or renamed',
    example: 'ALTER TABLE users DROP email',
    refuses: matches(/^alter table \S+ (drop|rename|alter)\b/),
  },
  {
    name: 'roles',
    reason: 'who may do what is said by IAM policies, not in CQL',
    example: 'GRANT SELECT ON KEYSPACE millrace TO millrace_reader',
    refuses: matches(/^(grant|revoke|list|(create|alter|drop) (role|user))\b/),
  },
  {
    name: 'describe',
    reason: 'the CQL of Cassandra 3.11 is spoken, in which DESCRIBE is a word of the shell only',
    example: 'DESCRIBE TABLE users',
    refuses: matches(/^desc(ribe)?\b/),
  },
];

/** What Keyspaces takes no table or keyspace of. */
const makes: readonly CqlRule[] = [
  {
    name: 'replication',
    reason: 'a keyspace is of SingleRegionStrategy or NetworkTopologyStrategy, and kept three times by itself',
    example: "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    refuses: (statement) =>
      /^(create|alter) keyspace\b/.test(statement) && !/singleregionstrategy|networktopologystrategy/.test(statement),
  },
  {
    name: 'table option',
    reason: 'only default_time_to_live, custom_properties and the clustering order mean something',
    example: "CREATE TABLE ks.tt (id uuid PRIMARY KEY) WITH compaction = {'class': 'LeveledCompactionStrategy'}",
    refuses: (statement) => /^(create|alter) table\b/.test(statement) && hasOtherOption(statement),
  },
  {
    name: 'type',
    reason: 'neither durations nor vectors are known',
    example: 'CREATE TABLE ks.tt (id uuid PRIMARY KEY, took duration)',
    refuses: matches(/^(create|alter) table\b.*\b(duration\b|vector<)/),
  },
  {
    name: 'list in place',
    reason: 'a list that is not frozen grows with every replay, and nothing that is not frozen is part of a key',
    example: 'CREATE TABLE ks.tt (id uuid PRIMARY KEY, tags list<text>)',
    refuses: matches(/^(create|alter) table\b.*(?<!frozen<)\b(list|set|map)</),
  },
];

/** What Keyspaces takes no read or write with. */
const uses: readonly CqlRule[] = [
  {
    name: 'batch size',
    reason: `a batch holds ${mostBatchStatements} statements at most`,
    example: `BEGIN UNLOGGED BATCH ${'INSERT INTO users (id) VALUES (1); '.repeat(31)}APPLY BATCH`,
    refuses: (statement) => statement.startsWith('begin') && writesOf(statement) > mostBatchStatements,
  },
  {
    name: 'batch condition',
    reason: 'a batch holds unconditional writes only',
    example: 'BEGIN UNLOGGED BATCH INSERT INTO users (id) VALUES (1) IF NOT EXISTS; APPLY BATCH',
    refuses: matches(/^begin\b.*\bif\b/),
  },
  {
    name: 'batch kind',
    reason: "counters have no batch, and AWS's pages disagree on logged ones: only unlogged ones are used",
    example: 'BEGIN BATCH INSERT INTO users (id) VALUES (1); APPLY BATCH',
    refuses: matches(/^begin (?!unlogged\b)/),
  },
  {
    name: 'in',
    reason: `IN is for SELECT only, of ${mostInValues} combinations of values at most: each is a query of its own`,
    example: 'DELETE FROM users WHERE id IN (1, 2)',
    refuses: (statement) =>
      /^(update|delete|begin)\b/.test(statement) ? /\bin ?\(/.test(statement) : hasLongIn(statement),
  },
  {
    name: 'filtering',
    reason: 'a filter is paid by the rows it reads, and its pages may come empty: a table is asked by its key',
    example: 'SELECT * FROM users WHERE city = ? ALLOW FILTERING',
    refuses: matches(/\ballow filtering$/),
  },
  {
    name: 'select',
    reason: 'SELECT knows no DISTINCT, GROUP BY or PER PARTITION LIMIT',
    example: 'SELECT DISTINCT country FROM users_by_country',
    refuses: matches(/^select (distinct\b|.*\b(group by|per partition limit)\b)/),
  },
  {
    name: 'aggregate',
    reason: 'there are no aggregates: the reader counts',
    example: 'SELECT count(*) FROM users',
    refuses: matches(/^select\b.*\b(count|sum|avg|min|max) ?\(/),
  },
  {
    name: 'range',
    reason: 'a range of rows can be deleted a thousand at a time only: rows are deleted one by one',
    example: 'DELETE FROM users_by_country WHERE country = ? AND month = ? AND registered < ?',
    refuses: matches(/^delete\b.*[<>]/),
  },
  {
    name: 'write time',
    reason: 'a write time lies between two days ago and five minutes ahead',
    example: 'DELETE FROM users USING TIMESTAMP 1 WHERE user_id = ?',
    refuses: (statement) => timesIn(statement).some((micros) => micros / 1000 < Date.now() - twoDaysMs),
  },
  {
    name: 'columns',
    reason: `a write with a time to live has ${mostColumnsWithTtl} columns beside the key at most`,
    example: `INSERT INTO users (${Array(200).fill('aa').join(', ')}) VALUES (?) USING TTL 1`,
    refuses: (statement) =>
      [...statement.matchAll(/insert into \S+ \(([^)]*)\)/g)].some(
        ([, list = '']) => list.split(',').length > mostColumnsWithTtl,
      ),
  },
];

export const cqlRules: readonly CqlRule[] = [...kinds, ...makes, ...uses];

/** Why Keyspaces would refuse a statement; nothing when it takes it. */
export function refusalsOf(cql: string): readonly Pick<CqlRule, 'name' | 'reason'>[] {
  const statement = plain(cql);
  return cqlRules.filter(({ refuses }) => refuses(statement)).map(({ name, reason }) => ({ name, reason }));
}

/** One line in lower case without comments; texts are emptied but for the names of classes, which rules read. */
function plain(cql: string): string {
  const oneLine = cql.replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ').trim().replace(/;$/, '');
  return oneLine.toLowerCase().replaceAll(/'([^']*)'/g, (_, text: string) => (text.endsWith('strategy') ? text : "''"));
}

const writesOf = (batch: string) => batch.match(/\b(insert into|update|delete)\b/g)?.length ?? 0;

const hasLongIn = (statement: string) =>
  [...statement.matchAll(/\bin ?\(([^)]*)\)/g)].reduce(
    (product, [, list = '']) => product * list.split(',').length,
    1,
  ) > mostInValues;

const timesIn = (statement: string) =>
  [...statement.matchAll(/\btimestamp (\d+)/g)].map(([, micros]) => Number(micros));

function hasOtherOption(statement: string): boolean {
  const options = / with (.*)$/.exec(statement)?.[1] ?? '';
  return options
    .split(' and ')
    .filter((option) => option !== '')
    .some((option) => !/^(default_time_to_live|custom_properties) ?=|^clustering order by\b/.test(option));
}
