import { type StepName, steps } from './steps.ts';

/**
 * Who may do what: every step, the Spark job (`stream`) and the person who looks (`reader`), on every store. `prepare`
 * gives these rights, the local runner makes a login of each, AWS a policy, and a test tries all of it on the servers.
 */
export type RoleName = StepName | 'stream' | 'reader';

type LandingRight = 'select' | 'insert' | `update (${string})` | 'usage' | 'execute';
type TopicRight = 'Describe' | 'Read' | 'Write';
type GroupRight = 'Describe' | 'Read' | 'Delete';
type TableRight = 'SELECT' | 'MODIFY';
/** To read includes to list: who may not is told that what is not there is forbidden. */
type BucketRight = 'read' | 'write' | 'remove';

/** Kafka's resources: the topics of every pipeline, the groups that read their audit topics, groups by prefix. */
export interface TopicRights {
  readonly topics?: readonly TopicRight[];
  readonly auditTopics?: readonly TopicRight[];
  readonly anyTopic?: readonly TopicRight[];
  readonly auditGroups?: readonly GroupRight[];
  readonly anyGroup?: readonly GroupRight[];
  readonly groupsOf?: Readonly<Record<string, readonly GroupRight[]>>;
}

/** `*` does not cover them: who may read them is said by name. */
export const secretTables: readonly string[] = ['suppression_secret'];

/** What the list of suppressed keys takes to be read. */
const readSuppressed = { suppressed: ['select'], suppression_secret: ['select'] } as const;

/** By table, view, sequence or function of PostgreSQL; `*` is every table and view that is not secret. */
export type LandingRights = Readonly<Record<string, readonly LandingRight[]>>;

/** No store, no login there. An owner makes what the store holds, and gives the others their rights. */
export interface Role {
  readonly postgres?: LandingRights | 'owner';
  readonly kafka?: TopicRights | 'owner';
  /** On every table of the keyspace. */
  readonly cassandra?: readonly TableRight[] | 'owner';
  /** On AWS: below these prefixes of the artifact bucket. */
  readonly bucket?: Readonly<Record<string, readonly BucketRight[]>>;
  /** On AWS: whether it adds schemas to the registry, or only asks for their ids. */
  readonly registry?: 'register' | 'read';
  /** Steps that it may wake. */
  readonly wakes?: readonly StepName[];
  /** Calls of EMR Serverless. */
  readonly jobs?: readonly ('StartJobRun' | 'GetJobRun' | 'CancelJobRun')[];
}

export const roles: Readonly<Record<RoleName, Role>> = {
  prepare: {
    postgres: 'owner',
    kafka: 'owner',
    cassandra: 'owner',
    bucket: { 'artifacts/': ['write'] },
    registry: 'register',
  },
  extract: {
    postgres: {
      runs: ['select', 'insert', 'update (closed_at)'],
      pages: ['select', 'insert'],
      landing: ['select', 'insert'],
      landing_seq: ['usage'],
      dead_letters: ['select', 'insert', 'update (reason, field, payload, attempts)'],
      relay_position: ['select'],
      coverage: ['select'],
      ...readSuppressed,
    },
    wakes: ['relay'],
  },
  relay: {
    postgres: {
      landing: ['select'],
      relay_position: ['select', 'update (seq, ends)'],
      published: ['select', 'insert', 'update (offsets)'],
    },
    kafka: { topics: ['Write'] },
    registry: 'read',
    wakes: ['relay'],
  },
  stream: {
    // The job takes no part in a group, but Kafka's client names one, made up for every query.
    kafka: { topics: ['Read'], auditTopics: ['Write'], groupsOf: { 'spark-kafka-source-': ['Read'] } },
    cassandra: ['MODIFY'],
    bucket: {
      'artifacts/': ['read'],
      'job/': ['read'],
      'conf/': ['read'],
      'jars/': ['read'],
      'checkpoints/': ['read', 'write', 'remove'],
      'logs/': ['write'],
    },
  },
  audit: {
    postgres: {
      dead_letters: [
        'select',
        'insert',
        'update (at, reason, field, payload, partition, "offset", attempts, died_at, state)',
      ],
      coverage: ['select', 'insert', 'update (covered, dead, alien, expired)'],
      coverage_reports: ['select', 'insert', 'update (expired, judged)'],
      erased: ['select'],
      unreadable_audit: ['insert'],
      pipelines: ['select', 'update (running_generation, data_loss)'],
      job_generations: ['select'],
      rebuilds: ['select', 'update (replayed, stored, dead, expired)'],
    },
    // Of the event source that polls for it.
    kafka: { auditTopics: ['Read'], auditGroups: ['Read'] },
  },
  supervise: {
    postgres: {
      job_generations: ['select', 'insert', 'update (job_run, state, reason, ended_at)'],
      pipelines: ['select', 'update (desired, running_generation, data_loss, absorbed, waiting_since)'],
      // A hole that an operator accepts.
      coverage: ['select', 'insert', 'update (lost)'],
      operations: ['insert'],
      // How long rows have waited to be published.
      landing: ['select'],
      pages: ['select'],
      relay_position: ['select'],
    },
    kafka: { topics: ['Describe'] },
    bucket: { 'control/': ['read'], 'checkpoints/': ['remove'] },
    jobs: ['StartJobRun', 'GetJobRun', 'CancelJobRun'],
  },
  settle: { postgres: { pipelines: ['select'], runs: ['select'] }, wakes: ['extract'] },
  reconcile: {
    postgres: {
      pipelines: ['select'],
      runs: ['select'],
      pages: ['select'],
      published: ['select'],
      coverage: ['select'],
      erased: ['select'],
      landing: ['select'],
      letters: ['select'],
    },
    cassandra: ['SELECT'],
  },
  redrive: {
    postgres: {
      pipelines: ['select'],
      runs: ['select', 'insert', 'update (closed_at)'],
      pages: ['select', 'insert'],
      landing: ['select', 'insert'],
      landing_seq: ['usage'],
      dead_letters: ['select', 'update (attempts, died_at, field, reason, redrive, state)'],
      letters: ['select'],
      operations: ['select', 'insert', 'update (answer)'],
      // What letters are stored follows from the accounts of their redrives.
      published: ['select'],
      erased: ['select'],
      // How full the path is.
      relay_position: ['select'],
      coverage: ['select'],
      ...readSuppressed,
    },
    wakes: ['relay'],
  },
  erase: {
    postgres: {
      // Of a row that is erased the place stays.
      landing: ['select', 'update (payload, version)'],
      erased: ['select', 'insert'],
      suppressed: ['select', 'insert'],
      suppression_secret: ['select'],
      dead_letters: ['select', 'update (payload, state)'],
      unreadable_audit: ['select', 'update (value, reason)'],
      operations: ['select', 'insert', 'update (answer)'],
      // To hold the fence takes a right to move it.
      relay_position: ['select', 'update (seq)'],
    },
    cassandra: ['SELECT', 'MODIFY'],
    // Itself, to go on where a call ran out of time.
    wakes: ['relay', 'erase'],
  },
  // What it may make and drop is judged by these functions, which the owner has written.
  retain: {
    postgres: {
      ready_landing_days: ['execute'],
      landing_days: ['execute'],
      landing_net: ['execute'],
      drop_landing_day: ['execute'],
      operations: ['insert'],
    },
  },
  notify: { postgres: { operations: ['insert'] } },
  rebuild: {
    postgres: {
      pipelines: ['select'],
      job_generations: ['select'],
      rebuilds: ['select', 'insert', 'update (job_run, state, reason, ended_at)'],
      runs: ['select'],
      pages: ['select'],
      published: ['select'],
      landing: ['select'],
      operations: ['insert'],
    },
    kafka: { topics: ['Describe'] },
    cassandra: ['SELECT'],
    bucket: { 'control/': ['read'] },
    wakes: ['erase'],
    jobs: ['StartJobRun', 'GetJobRun'],
  },
  inspect: { postgres: { '*': ['select'] }, kafka: { topics: ['Describe'] } },
  reader: {
    postgres: { '*': ['select'] },
    // It joins groups of its own only: in another one it would take messages from whom they are for.
    kafka: {
      anyTopic: ['Read'],
      anyGroup: ['Describe'],
      groupsOf: { 'millrace-peek-': ['Read', 'Delete'], 'console-consumer-': ['Read', 'Delete'] },
    },
    cassandra: ['SELECT'],
  },
};

const servers = ['postgres', 'kafka', 'cassandra'] as const;

export type Server = (typeof servers)[number];

/** The servers on which a role has a login. */
export const serversOf = (role: RoleName): readonly Server[] =>
  servers.filter((server) => roles[role][server] !== undefined);

/** The roles that have a login on a server. */
export const rolesOn = (server: Server): readonly RoleName[] =>
  (Object.keys(roles) as RoleName[]).filter((role) => roles[role][server] !== undefined);

/** Name of a role on every server. */
export const userOf = (role: RoleName) => `millrace_${role}`;

/** Name of the secret with a step's login on a server, and the server's address. */
export const secretNameOf = (role: RoleName, server: Server) => `millrace/${role}/${server}`;

/** Name of the secret with the passwords that `prepare` gives the roles of PostgreSQL. */
export const passwordsSecret = 'millrace/prepare/passwords';

/**
 * What Airflow may call. `prepare` owns every store: a deployment calls it, nobody else; job runs are looked at, and
 * started by `supervise` alone.
 */
export const airflowCalls = {
  steps: steps.map(({ name }) => name).filter((name) => name !== 'prepare'),
  application: ['GetApplication', 'ListJobRuns'],
  jobRuns: ['GetJobRun'],
} as const;
