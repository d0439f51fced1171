import type { AuditMessage, CoverageMessage, DeadMessage } from '../../streaming/audit.ts';
import type { Measure } from '../metrics.ts';
import type { KafkaRecord, Read } from './read.ts';

/** What a batch of audit messages changes, gathered so that each table takes one statement. */
export interface Findings {
  readonly dead: readonly DeadMessage[];
  readonly reports: readonly Report[];
  readonly started: readonly { readonly pipeline: string; readonly generation: number }[];
  readonly stopped: readonly Extract<AuditMessage, { kind: 'stopped' }>[];
  /** How far rebuilds have come. */
  readonly rebuilt: readonly Extract<AuditMessage, { kind: 'rebuilt' }>[];
  readonly unreadable: readonly { readonly record: KafkaRecord; readonly reason: string }[];
}

export interface Report {
  readonly pipeline: string;
  readonly generation: number;
  readonly partition: number;
  readonly from: number;
  readonly until: number;
  readonly dead: number;
  readonly expired: readonly (readonly [number, number])[];
}

/** What was new in a batch: a replay adds nothing. */
export interface Recorded {
  readonly judged: number;
  /** By pipeline: offsets newly covered, dead letters newly on file. */
  readonly pipelines: ReadonlyMap<string, { readonly covered: number; readonly dead: number }>;
}

/** The ledger's only operation: all of a batch or nothing of it. */
export interface Ledger {
  /** `refused`: the database is well, but it will never take these findings. */
  record(findings: Findings): Promise<Recorded | { readonly refused: string }>;
}

export interface AuditAnswer {
  readonly dead: number;
  readonly reports: number;
  readonly judged: number;
  readonly unreadable: number;
}

/**
 * Audit topic -> PostgreSQL. Every write is a union or a first-come insert, so replays, other orders and batches cut
 * elsewhere end in the same state. A message that cannot be kept as what it says is kept as it came; only a database that
 * cannot be reached throws.
 */
export async function audit(reads: readonly Read[], ledger: Ledger, measure: Measure): Promise<AuditAnswer> {
  if (reads.length === 0) return { dead: 0, reports: 0, judged: 0, unreadable: 0 };
  const findings = findingsOf(reads);
  const outcome = await ledger.record(findings);
  if ('refused' in outcome) return refused(reads, outcome.refused, ledger, measure);
  for (const [pipeline, { covered, dead }] of outcome.pipelines) {
    measure(pipeline, { RecordsCovered: covered, DeadLetters: dead });
  }
  return { ...countsOf(findings), judged: outcome.judged };
}

/** Halves the batch until the message that the database refuses stands alone. */
async function refused(reads: readonly Read[], reason: string, ledger: Ledger, measure: Measure): Promise<AuditAnswer> {
  const [first] = reads;
  if (first !== undefined && reads.length === 1) {
    // Its reason alone may be stored now, so that this ends.
    if ('unreadable' in first)
      throw new Error(`audit: the ledger refused ${first.record.topic}@${first.record.offset}: ${reason}`);
    return audit([{ record: first.record, unreadable: reason }], ledger, measure);
  }
  const half = Math.ceil(reads.length / 2);
  const head = await audit(reads.slice(0, half), ledger, measure);
  const tail = await audit(reads.slice(half), ledger, measure);
  return {
    dead: head.dead + tail.dead,
    reports: head.reports + tail.reports,
    judged: head.judged + tail.judged,
    unreadable: head.unreadable + tail.unreadable,
  };
}

const countsOf = ({ dead, reports, unreadable }: Findings) => ({
  dead: dead.length,
  reports: reports.length,
  unreadable: unreadable.length,
});

/** Sorts a batch by what its messages are. */
export function findingsOf(reads: readonly Read[]): Findings {
  const messages = reads.flatMap((read) => ('message' in read ? read.message : []));
  return {
    dead: messages.filter((message) => message.kind === 'dead').map(bounded),
    reports: messages.filter((message) => message.kind === 'coverage').flatMap(reportsOf),
    started: messages.filter((message) => message.kind === 'started'),
    stopped: messages.filter((message) => message.kind === 'stopped'),
    rebuilt: messages.filter((message) => message.kind === 'rebuilt'),
    unreadable: reads.flatMap((read) => ('unreadable' in read ? { record: read.record, reason: read.unreadable } : [])),
  };
}

const reportsOf = ({ pipeline, generation, ranges }: CoverageMessage): Report[] =>
  ranges.map((range) => ({ pipeline, generation, ...range }));

const longestName = 200;

/** A foreign message's headers are anybody's text: they name no run of ours, and an index takes only short texts. */
function bounded(dead: DeadMessage): DeadMessage {
  const run = dead.alien ? null : (dead.run?.slice(0, longestName) ?? null);
  return { ...dead, run, identity: dead.identity.slice(0, longestName), reason: dead.reason.slice(0, longestName) };
}
