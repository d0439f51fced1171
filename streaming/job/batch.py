"""One micro-batch, in the order that makes coverage true: tables, dead letters, coverage; then Spark commits."""

import time
from functools import partial
from typing import Dict, List, Optional, Sequence

from pyspark.sql import DataFrame, Row, SparkSession

from audit import Audit
from decode import decoded, record_column
from fence import Fence
from judge import judged
from kept import kept, let_go
from manifest import Manifest, Pipeline, Rule, read_schemas
from tables import age_rules, oldest_of, write_table
from tally import counts_of, coverage, expired_offsets, tally

# So few rows are written by one task a table: a task that writes costs as much to set up as a hundred rows to write.
SMALL = 500


class Stream:
    """A pipeline's way from its topic to its tables, with the writers' schemas met so far."""

    def __init__(self, spark: SparkSession, folder: str, manifest: Manifest, pipeline: Pipeline, audit: Audit) -> None:
        self.spark = spark
        self.folder = folder
        self.keyspace = manifest['keyspace']
        self.pipeline = pipeline
        self.audit = audit
        self.fence = Fence(spark, pipeline)
        self.oldest = oldest_of(spark)
        self.rules = [*pipeline['rules'], *age_rules(self.oldest, pipeline)]
        self.counts = counts_of(pipeline)
        self.busy_since: Optional[float] = None
        self.use_schemas(read_schemas(spark, folder, pipeline))

    def busy_seconds(self) -> float:
        """For how long the batch at hand has been at work; 0 between two batches."""
        since = self.busy_since
        return 0 if since is None else time.monotonic() - since

    def absorb(self, messages: DataFrame, _batch_id: int) -> None:
        """Spark's foreachBatch; when it throws, Spark keeps the batch's offsets and comes back with the same ones."""
        self.busy_since = time.monotonic()
        try:
            self.carry(messages)
        finally:
            self.busy_since = None

    def carry(self, messages: DataFrame) -> None:
        """Decodes, judges and writes a batch."""
        frame = kept(self.judge(messages, self.rules, time.time_ns() // 1000))
        try:
            tallies = tally(frame, self.counts)
            if not any(row.unknown for row in tallies) or not self.learn_schemas():
                self.write(frame, tallies)
                return
        finally:
            let_go(frame)
        self.carry(messages)

    def judge(self, messages: DataFrame, rules: Sequence[Rule], now_micros: int) -> DataFrame:
        """Decodes the messages and judges each of them."""
        records = decoded(messages, self.pipeline, self.schemas, self.record)
        return judged(records, self.pipeline, rules, now_micros)

    def use_schemas(self, schemas: Dict[str, str]) -> None:
        """Decodes with these schemas from now on."""
        self.schemas = schemas
        # Built once: in a small batch, putting expressions together costs as much as evaluating them.
        self.record = record_column(self.pipeline, schemas)

    def learn_schemas(self) -> bool:
        """Whether schemas came since the folder was last read: what nobody knows then is a dead letter."""
        schemas = read_schemas(self.spark, self.folder, self.pipeline)
        has_news = schemas.keys() > self.schemas.keys()
        if has_news:
            self.use_schemas(schemas)
        return has_news

    def write(self, frame: DataFrame, tallies: List[Row]) -> None:
        """Writes a judged frame everywhere it must go, and says so last."""
        ranges = coverage(tallies, expired_offsets(frame, self.pipeline, tallies))
        size = sum(row.last - row.first + 1 for row in tallies)
        self.fence.behind(partial(self.write_tables, frame.coalesce(1) if size <= SMALL else frame))
        if any(row.dead for row in tallies):
            self.audit.dead_letters(frame, self.pipeline)
        if ranges:
            self.audit.coverage(self.pipeline, ranges)

    def write_tables(self, frame: DataFrame) -> None:
        """Writes the good rows of a judged frame."""
        for table in self.pipeline['tables']:
            write_table(frame, self.keyspace, table)
