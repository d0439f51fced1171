/** What nobody can read from the configuration. Each is shown with the bill, so that it can be doubted. */
export interface Assumption {
  readonly value: number;
  readonly says: string;
}

const assume = (value: number, says: string): Assumption => ({ value, says });

export const assumed = {
  sourceDecides: assume(
    5,
    'records a minute of a pipeline whose source decides how many there are (--rate says another)',
  ),
  recordBytes: assume(600, 'bytes of a record as JSON (--bytes says another)'),
  messageShare: assume(0.5, 'of that as Avro, compressed, on the topic'),
  landingFactor: assume(2, 'times that in PostgreSQL, with indexes and what vacuum has still to take'),
  rowOverhead: assume(200, "bytes that Keyspaces adds to a row: keys, column ids, the client's timestamps"),
  batchMinutes: assume(2, 'minutes that a batch of Spark is paid for: start, absorb, stop'),
  batchesPerPage: assume(2, 'micro-batches that a page of a run becomes, unless the trigger allows fewer'),
  checkpointWrites: assume(10, 'PUT, COPY and LIST of one micro-batch for its checkpoint'),
  checkpointReads: assume(20, 'GET and HEAD of one micro-batch for its checkpoint'),
  artifactGb: assume(2, 'GB in the artifact bucket: jars, job, checkpoints, logs of Spark'),
  stepSeconds: assume(1, 'seconds of a call of a step, as billed'),
  logBytesPerCall: assume(1500, "bytes of log of a call: Lambda's own lines, ours, its metrics"),
  brokerLogGb: assume(0.3, 'GB of log a month and broker'),
  databaseLogGb: assume(0.2, 'GB of log a month of PostgreSQL'),
  flowLogGb: assume(0.2, 'GB of log a month of refused connections'),
  airflowLogGb: assume(2, 'GB of log a month of Airflow, all five kinds'),
  airflowDatabaseGb: assume(10, "GB of Airflow's own database"),
  natOverheadGb: assume(3, 'GB a month through NAT that are no records: AWS APIs, images of Airflow, TLS'),
} as const;
