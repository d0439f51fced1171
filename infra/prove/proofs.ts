/** What no test without an account can show. `prove` ticks off its lines; the others are for a person to look at. */
export interface Proof {
  readonly id: string;
  readonly says: string;
  readonly by: 'prove' | 'you';
}

export const proofs = [
  {
    id: 'created',
    by: 'prove',
    says: 'CloudFormation makes every resource of the stage, in this order and with these roles',
  },
  {
    id: 'prepared',
    by: 'prove',
    says: 'prepare logs in with the secret that RDS manages, migrates, finds topics and tables, registers schemas in Glue',
  },
  { id: 'scheduled', by: 'prove', says: 'EventBridge Scheduler calls extract at an instant of the grid' },
  {
    id: 'landed',
    by: 'prove',
    says: 'extract gets its source through NAT and logs into PostgreSQL by an IAM token, over verified TLS',
  },
  {
    id: 'published',
    by: 'prove',
    says: 'relay publishes to MSK with an IAM token of our own signing',
  },
  {
    id: 'absorbed',
    by: 'prove',
    says: 'Spark on EMR Serverless reads MSK by IAM, writes Keyspaces by SigV4, and reports to the audit topic',
  },
  { id: 'accounted', by: 'prove', says: 'the event source mapping brings the audit topic to audit' },
  {
    id: 'balanced',
    by: 'prove',
    says: 'a run of every pipeline balances: received, landed, published, covered, stored',
  },
  {
    id: 'changed-schema',
    by: 'prove',
    says: 'a second deployment brings a field more: schema, table, next generation, and its run balances',
  },
  {
    id: 'changed-tag',
    by: 'prove',
    says: 'a changed tag goes past the Spark application while its job runs: held, stopped, updated, started',
  },
  { id: 'airflow', by: 'prove', says: 'MWAA makes its environment and answers at its address (stages with Airflow)' },
  {
    id: 'destroyed',
    by: 'prove',
    says: 'every stack goes, the Spark application and the interfaces of the functions included',
  },
  { id: 'dags', by: 'you', says: 'the DAGs are in Airflow without an import error, and settle succeeds there' },
  { id: 'live-source', by: 'you', says: 'randomuser.me and earthquake.usgs.gov answer an address of AWS' },
  { id: 'alarms', by: 'you', says: 'alarms are quiet in a healthy hour, and one that is provoked comes by mail' },
  { id: 'bill', by: 'you', says: 'the bill of a month is what npm run cost says' },
  {
    id: 'taken-up',
    by: 'you',
    says: 'a stage that keeps its data, destroyed and deployed again, takes up its bucket and its stores',
  },
  {
    id: 'broker-restart',
    by: 'you',
    says: 'a patch of the brokers loses nothing and stops nothing for longer than its restart',
  },
  { id: 'restore', by: 'you', says: 'PostgreSQL restored to an earlier point is noticed by relay, which stops' },
] as const satisfies readonly Proof[];

export type ProofId = (typeof proofs)[number]['id'];
