"""One micro-batch, in the order that makes coverage true: tables, dead letters, coverage; then Spark commits."""

import time
from typing import List, Sequence

from pyspark.sql import DataFrame, Row, SparkSession

from audit import Audit
from decode import decoded
from judge import judged
from manifest import Manifest, Pipeline, Rule, read_schemas
from tables import write_table
from tally import coverage, expired_offsets, tally


class Stream:
    """A pipeline's way from its topic to its tables, with the writers' schemas met so far."""

    def __init__(self, spark: SparkSession, folder: str, manifest: Manifest, pipeline: Pipeline, audit: Audit) -> None:
        self.spark = spark
        self.folder = folder
        self.keyspace = manifest['keyspace']
        self.pipeline = pipeline
        self.audit = audit
        self.schemas = read_schemas(spark, folder)

    def absorb(self, messages: DataFrame, _batch_id: int) -> None:
        """Spark's foreachBatch; when it throws, Spark keeps the batch's offsets and comes back with the same ones."""
        # Persisted, because every use of the frame would fetch and decode the whole batch again.
        frame = self.judge(messages, self.pipeline['rules'], time.time_ns() // 1000).persist()
        try:
            tallies = tally(frame, self.pipeline)
            if not any(row.unknown for row in tallies) or not self.learn_schemas():
                self.write(frame, tallies)
                return
        finally:
            frame.unpersist()
        self.absorb(messages, _batch_id)

    def judge(self, messages: DataFrame, rules: Sequence[Rule], now_micros: int) -> DataFrame:
        """Decodes the messages and judges each of them."""
        return judged(decoded(messages, self.pipeline, self.schemas), self.pipeline, rules, now_micros)

    def learn_schemas(self) -> bool:
        """Whether schemas came since the folder was last read: what nobody knows then is a dead letter."""
        schemas = read_schemas(self.spark, self.folder)
        has_news = schemas.keys() > self.schemas.keys()
        self.schemas = schemas
        return has_news

    def write(self, frame: DataFrame, tallies: List[Row]) -> None:
        """Writes a judged frame everywhere it must go, and says so last."""
        ranges = coverage(tallies, expired_offsets(frame, self.pipeline, tallies))
        self.write_tables(frame)
        if any(row.dead for row in tallies):
            self.audit.dead_letters(frame, self.pipeline)
        if ranges:
            self.audit.coverage(self.pipeline, ranges)

    def write_tables(self, frame: DataFrame) -> None:
        """Writes the good rows of a judged frame."""
        for table in self.pipeline['tables']:
            write_table(frame, self.keyspace, table)
