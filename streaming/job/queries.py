"""One query per pipeline. A failed one comes back alone, in its own checkpoint; one whose offsets are gone does not."""

import itertools
import json
import logging
import threading
import time
from typing import Any, Callable, Dict, Optional

from pyspark.sql import SparkSession
from pyspark.sql.streaming import StreamingQuery

from audit import Audit
from batch import Stream
from manifest import Pipeline
from tables import forget_sessions

log = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 60
# A query that ran this long has recovered: its next failure is a first one again.
HEALTHY_SECONDS = 300
POLL_SECONDS = 0.5
# No batch takes so long: the driver of Cassandra may wait for ever for an answer that a killed server owes it.
STUCK_SECONDS = 90
ATTEMPTS_OF_A_BATCH_JOB = 5
EARLIEST = -2


def wait_seconds(failures: int) -> int:
    """How long a query rests after so many failures in a row."""
    return min(2 ** (failures - 1), MAX_WAIT_SECONDS)


def is_data_loss(error: str) -> bool:
    """Spark names this option in every message that says that offsets are gone, and in no other."""
    return 'failOnDataLoss' in error


def starting_offsets(pipeline: Pipeline, offsets: Dict[str, int]) -> str:
    """Spark wants every partition named; one that the tables have absorbed nothing of starts at its beginning."""
    every = {str(partition): EARLIEST for partition in range(pipeline['partitions'])}
    return json.dumps({pipeline['topic']: {**every, **offsets}})


def query_starter(
    spark: SparkSession, stream: Stream, offsets: Dict[str, int], checkpoint: str, trigger: Dict[str, Any]
) -> Callable[[], StreamingQuery]:
    """How a pipeline's query is started, the first time and after each failure."""
    pipeline = stream.pipeline
    options = {f'kafka.{name}': value for name, value in stream.audit.options.items() if name != 'acks'}
    starts = itertools.count()

    def start() -> StreamingQuery:
        if next(starts) > 0:
            forget_sessions(spark)
        # The query's thread inherits it: jobs of one pool wait for each other, those of two take turns.
        spark.sparkContext.setLocalProperty('spark.scheduler.pool', pipeline['name'])
        messages = (
            spark.readStream.format('kafka')
            .options(**options)
            # The consumer's long poll costs every batch half a second for each partition that waits its turn.
            .option('kafka.fetch.max.wait.ms', 5)
            .option('subscribe', pipeline['topic'])
            .option('startingOffsets', starting_offsets(pipeline, offsets))
            .option('failOnDataLoss', 'true')
            .option('includeHeaders', 'true')
            .option('maxOffsetsPerTrigger', pipeline['maxOffsetsPerTrigger'])
            .load()
        )
        writer = messages.writeStream.queryName(pipeline['name']).option('checkpointLocation', checkpoint)
        return writer.trigger(**trigger).foreachBatch(stream.absorb).start()

    return start


class StuckError(Exception):
    """A batch that nothing can end but the end of this process; its job run starts another."""


class Supervised:
    """A query with the memory of its failures."""

    def __init__(
        self,
        pipeline: Pipeline,
        start: Callable[[], StreamingQuery],
        audit: Audit,
        attempts: float,
        busy_seconds: Callable[[], float],
    ) -> None:
        self.pipeline = pipeline
        self.start = start
        self.audit = audit
        self.attempts = attempts
        self.busy_seconds = busy_seconds
        self.failures = 0
        self.is_over = False
        self.has_failed = False
        self.retry_at = 0.0
        self.query: Optional[StreamingQuery] = None

    def look(self) -> None:
        """Starts the query when it is due, and judges it when it has ended."""
        if self.is_over:
            return
        if self.query is None:
            if time.monotonic() >= self.retry_at:
                self.started_at = time.monotonic()
                self.query = self.start()
                if self.failures == 0:
                    self.audit.started(self.pipeline)
        elif not self.query.isActive:
            self._ended(self.query)
        elif self.busy_seconds() > STUCK_SECONDS:
            raise StuckError(f'{self.pipeline["name"]}: its batch has not ended after {STUCK_SECONDS} s')

    def stop(self) -> None:
        """Stops the query; the batch at hand is left to the next one."""
        if self.query is not None and self.query.isActive:
            self.query.stop()

    def _ended(self, query: StreamingQuery) -> None:
        error = query.exception()
        self.query = None
        if error is None:
            self.is_over = True
            return
        if time.monotonic() - self.started_at > HEALTHY_SECONDS:
            self.failures = 0
        self.failures += 1
        detail = str(error)
        if is_data_loss(detail):
            self._give_up('data_loss', detail)
        elif self.failures >= self.attempts:
            self._give_up('failed', detail)
        else:
            self._rest(detail)

    def _give_up(self, reason: str, detail: str) -> None:
        log.error('%s: stopped (%s): %s', self.pipeline['name'], reason, detail)
        self.audit.stopped(self.pipeline, reason, detail[:4096])
        self.is_over = self.has_failed = True

    def _rest(self, detail: str) -> None:
        seconds = wait_seconds(self.failures)
        log.warning('%s: failed, next attempt in %d s: %s', self.pipeline['name'], seconds, detail)
        self.retry_at = time.monotonic() + seconds


def supervise(queries: 'list[Supervised]', stopping: threading.Event) -> bool:
    """Runs until every query is over or somebody says stop; answers whether none has failed for good."""
    while not stopping.is_set() and not all(query.is_over for query in queries):
        for query in queries:
            query.look()
        stopping.wait(POLL_SECONDS)
    for query in queries:
        query.stop()
    return not any(query.has_failed for query in queries)
