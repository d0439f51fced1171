import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { beforeAll, describe, expect, it } from 'vitest';
import { configOf } from '../../../infra/config.ts';
import { tableProblems } from '../../../infra/keyspaces-table.ts';
import { type TableProps, TableStack } from '../../../infra/stacks/table.ts';
import { definePipeline, http } from '../../../streaming/definition.ts';
import { monthOf, text, timestamp } from '../../../streaming/fields.ts';
import { pipelines } from '../../../streaming/pipelines/index.ts';
import { kinds } from '../../streaming/kinds.ts';

const retained = { config: configOf('dev'), pipelines };

function synthesized(props: TableProps) {
  const app = new App();
  const stack = new TableStack(app, props);
  const others = new Stack(app, 'others', { env: { region: stack.region } });
  const role = (id: string) => new Role(others, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  stack.grantModify(role('Writer'));
  stack.grantSelect(role('Reader'));
  stack.grantDescribe(role('Looker'));
  return { tables: Template.fromStack(stack), roles: Template.fromStack(others) };
}

describe('The table stack', () => {
  let tables: Template;
  let roles: Template;
  beforeAll(() => {
    ({ tables, roles } = synthesized(retained));
  });

  const everyTable = () => Object.values(tables.findResources('AWS::Cassandra::Table'));

  it('makes the tables of every definition, and no other', () => {
    const made = everyTable().map(({ Properties }) => Properties.TableName);
    expect(made.sort()).toEqual(pipelines.flatMap((pipeline) => Object.keys(pipeline.tables)).sort());
  });

  it('spells key, order and columns as the definition says', () => {
    tables.hasResourceProperties('AWS::Cassandra::Table', {
      TableName: 'quake_revisions',
      PartitionKeyColumns: [{ ColumnName: 'day', ColumnType: 'text' }],
      ClusteringKeyColumns: [
        { Column: { ColumnName: 'updated', ColumnType: 'timestamp' }, OrderBy: 'DESC' },
        { Column: { ColumnName: 'quake_id', ColumnType: 'text' }, OrderBy: 'ASC' },
      ],
      RegularColumns: Match.arrayWith([{ ColumnName: 'strength', ColumnType: 'text' }]),
    });
  });

  it('spells decimals and frozen lists as Keyspaces does', () => {
    const { tables: ofKinds } = synthesized({ ...retained, pipelines: [kinds] });
    ofKinds.hasResourceProperties('AWS::Cassandra::Table', {
      RegularColumns: Match.arrayWith([
        { ColumnName: 'price', ColumnType: 'decimal' },
        { ColumnName: 'prices', ColumnType: 'frozen<list<decimal>>' },
      ]),
    });
  });

  it.each([
    ['takes write times of its writers', 'ClientSideTimestampsEnabled', true],
    ['can be restored to any second', 'PointInTimeRecoveryEnabled', true],
    ['is paid by what is asked of it', 'BillingMode', { Mode: 'ON_DEMAND' }],
    ['lets rows bring a time to live', 'DefaultTimeToLive', 365 * 86_400],
  ])('every table %s', (_, property, value) => {
    for (const { Properties } of everyTable()) expect(Properties[property]).toEqual(value);
  });

  it('encrypts every table with a key of its own that rotates', () => {
    const [[key] = []] = Object.entries(
      tables.findResources('AWS::KMS::Key', { Properties: { EnableKeyRotation: true } }),
    );
    for (const { Properties } of everyTable()) {
      expect(Properties.EncryptionSpecification).toEqual({
        EncryptionType: 'CUSTOMER_MANAGED_KMS_KEY',
        KmsKeyIdentifier: { 'Fn::GetAtt': [key, 'Arn'] },
      });
    }
  });

  it('makes the keyspace before its tables', () => {
    tables.hasResourceProperties('AWS::Cassandra::Keyspace', { KeyspaceName: 'millrace' });
    for (const { Properties } of everyTable()) expect(Properties.KeyspaceName).toEqual({ Ref: 'Keyspace' });
  });

  it.each([
    ['keeps all of it when the stack goes', { data: 'retain' }, 'Retain'],
    ['lets it go when the stage says why', { data: { destroyData: true, because: 'a test' } }, 'Delete'],
  ] as const)('%s', (_, config, policy) => {
    const { tables: made } = synthesized({ ...retained, config: { ...retained.config, ...config } });
    for (const type of ['AWS::Cassandra::Table', 'AWS::Cassandra::Keyspace', 'AWS::KMS::Key']) {
      const found = Object.values(made.findResources(type));
      expect(found.length).toBeGreaterThan(0);
      for (const { DeletionPolicy, UpdateReplacePolicy } of found) {
        expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, policy]);
      }
    }
  });

  it.each([
    ['Writer', 'cassandra:Modify'],
    ['Reader', 'cassandra:Select'],
  ])('lets a %s %s on every table by name, and see the system', (role, action) => {
    const names = pipelines.flatMap((pipeline) => Object.keys(pipeline.tables));
    const statements = statementsOf(roles, role);
    expect(statements).toHaveLength(2);
    expect(statements[0]).toMatchObject({ Action: action, Effect: 'Allow' });
    expect(statements[0]?.Resource.map(pathOf)).toEqual(names.map((name) => `/keyspace/millrace/table/${name}`));
    expect(statements[1]).toMatchObject({ Action: 'cassandra:Select' });
    expect(pathOf(statements[1]?.Resource)).toBe('/keyspace/system*');
  });

  it('shows a looker no row', () => {
    expect(statementsOf(roles, 'Looker').map(({ Action, Resource }) => [Action, pathOf(Resource)])).toEqual([
      ['cassandra:Select', '/keyspace/system*'],
    ]);
  });

  it('gives nothing of a table to another stack', () => {
    expect(tables.findOutputs('*')).toEqual({});
  });
});

function statementsOf(template: Template, role: string) {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(role));
  return policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
}

/** The literal end of an ARN that CloudFormation joins. */
const pathOf = (arn: { 'Fn::Join': [string, unknown[]] }) => String(arn['Fn::Join'][1].at(-1)).replace(/^:/, '');

describe('A table of Keyspaces', () => {
  const plain = {
    name: 'things',
    schedule: { every: '1m', records: 1 },
    source: http({ url: 'https://example.org', query: () => ({}), records: '.', maxPage: 1 }),
    record: { thing_id: text('id').key().pii('none'), made: timestamp('made').pii('none') },
    tables: { things: { partition: ['thing_id'], columns: { month: monthOf('made') } } },
    keep: { landing: '7d', topic: '7d', tables: '365d' },
  } as const;
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field_${index}`, text('x').pii('none')]));
  const computed = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`more_${index}`, text('thing_id')]));

  it.each([
    ['takes what a definition usually says', plain, []],
    [
      'refuses names that are too short',
      { ...plain, tables: { t: plain.tables.things } },
      ['t: expected names like ^[a-zA-Z0-9][a-zA-Z0-9_]{1,47}$, got t'],
    ],
    [
      'refuses more columns than one write may set',
      { ...plain, record: { ...plain.record, ...many(170) } },
      ['things: expected 166 columns beside the key at most, got 172'],
    ],
    [
      'refuses rows that could be larger than 1 MB',
      { ...plain, tables: { things: { partition: ['thing_id'], columns: computed(16) } } },
      [expect.stringMatching(/^things: expected rows of 1 MB at most, got 11\d{5} bytes$/)],
    ],
    [
      'refuses a time to live beyond 20 years',
      { ...plain, keep: { ...plain.keep, tables: '9000d' } },
      ['things: expected a time to live of 20 years at most, got 9000d'],
    ],
    [
      'refuses a list in its key',
      { ...kinds, tables: { things: { partition: ['texts'], only: ['texts'] } } },
      ['things: expected scalars in the key, got texts frozen<list<text>>'],
    ],
  ])('%s', (_, definition, problems) => {
    expect(tableProblems(definition, Object.keys(definition.tables)[0] ?? '')).toEqual(problems);
  });

  it('that would be refused stops the synthesis, with what is wrong', () => {
    const wrong = definePipeline({ ...plain, keep: { ...plain.keep, tables: '9000d' } });
    expect(() => new TableStack(new App(), { ...retained, pipelines: [wrong] })).toThrow(
      /Keyspaces would refuse a table of things:\nthings: expected a time to live/,
    );
  });
});
