"""topic -> one table, once: offsets that the stream had absorbed before the table was there.

No checkpoint, no dead letters, no coverage: of these offsets all of that is on file. Every cell has its record's
version as write time, so that the stream beside it, or another replay, changes nothing of it.
"""

import json
import threading
import time
from functools import partial
from typing import Any, Dict, Iterator, List, TypedDict

from pyspark.sql import DataFrame, Row, SparkSession

from audit import Audit
from batch import Stream
from manifest import Manifest, Pipeline, folder_of, hosted_pipelines, read_manifest
from tally import coverage, expired_offsets

# [from, until) by partition.
Ranges = Dict[str, List[int]]


class Rebuild(TypedDict):
    """What is asked: the table, records a second at most, and the number under which progress is told."""

    id: int
    table: str
    rate: int


class Replay(Stream):
    """A pipeline's way from its topic into one of its tables; it counts what it meets, and says nothing of it."""

    def __init__(self, spark: SparkSession, folder: str, manifest: Manifest, pipeline: Pipeline, audit: Audit) -> None:
        super().__init__(spark, folder, manifest, pipeline, audit)
        self.done = {'replayed': 0, 'stored': 0, 'dead': 0, 'expired': 0}

    def write(self, frame: DataFrame, tallies: List[Row]) -> None:
        """Writes a judged frame into the table, and counts it."""
        # Throws when an offset is unaccounted for.
        coverage(tallies, expired_offsets(frame, self.pipeline, tallies))
        self.fence.behind(partial(self.write_tables, frame))
        for row in tallies:
            self.done['replayed'] += row.last - row.first + 1
            for name in ('stored', 'dead', 'expired'):
                self.done[name] += row[name]

    def read(self, ranges: Ranges) -> DataFrame:
        """The messages at these offsets."""
        topic = self.pipeline['topic']
        options = {f'kafka.{name}': value for name, value in self.audit.options.items() if name != 'acks'}
        return (
            self.spark.read.format('kafka')
            .options(**options)
            .option('kafka.fetch.max.wait.ms', 5)
            # The groups that the job's role may name are those of its stream.
            .option('groupIdPrefix', 'spark-kafka-source-rebuild')
            .option('assign', json.dumps({topic: [int(partition) for partition in ranges]}))
            .option('startingOffsets', json.dumps({topic: {name: first for name, (first, _) in ranges.items()}}))
            .option('endingOffsets', json.dumps({topic: {name: until for name, (_, until) in ranges.items()}}))
            .option('failOnDataLoss', 'true')
            .option('includeHeaders', 'true')
            .load()
        )


def slices(ranges: Ranges, most: int) -> Iterator[Ranges]:
    """Cuts ranges into parts of about so many offsets, in order; each takes the same of every partition left."""
    left = {name: list(each) for name, each in ranges.items() if each[0] < each[1]}
    while left:
        share = max(1, most // len(left))
        part = {name: [first, min(first + share, until)] for name, (first, until) in left.items()}
        yield part
        left = {name: [part[name][1], until] for name, (_, until) in left.items() if part[name][1] < until}


def size_of(ranges: Ranges) -> int:
    """How many offsets ranges hold."""
    return sum(until - first for first, until in ranges.values())


def only(pipeline: Pipeline, table: str) -> Pipeline:
    """The pipeline as if it had this table alone."""
    tables = [each for each in pipeline['tables'] if each['name'] == table]
    if not tables:
        known = ', '.join(each['name'] for each in pipeline['tables'])
        raise ValueError(f'--rebuild: expected a table of {pipeline["name"]} ({known}), got {table}')
    return {**pipeline, 'tables': tables}


def replay(stream: Any, rebuild: Rebuild, ranges: Ranges, stopping: threading.Event) -> bool:
    """Carries the ranges part by part, no faster than asked; answers whether all of them are in the table."""
    most = min(stream.pipeline['maxOffsetsPerTrigger'], rebuild['rate'])
    total = size_of(ranges)
    for part in slices(ranges, most):
        started, before = time.monotonic(), stream.done['replayed']
        stream.carry(stream.read(part))
        got, expected = stream.done['replayed'] - before, size_of(part)
        if got != expected:
            raise ValueError(
                f'{stream.pipeline["name"]}: expected {expected} messages at {part}, got {got}; '
                'the topic has lost some meanwhile: start the rebuild again'
            )
        stream.audit.rebuilt(stream.pipeline, rebuild['id'], stream.done)
        rest = expected / rebuild['rate'] - (time.monotonic() - started)
        if before + got < total and stopping.wait(max(0.0, rest)):
            return False
    return True


def run(
    spark: SparkSession, path: str, offsets: Dict[str, Ranges], rebuild: Rebuild, stopping: threading.Event
) -> bool:
    """The whole job: one pipeline, one table."""
    folder = folder_of(path)
    manifest = read_manifest(spark, folder)
    [pipeline] = hosted_pipelines(manifest, offsets)
    audit = Audit(spark, 0)
    stream = Replay(spark, folder, manifest, only(pipeline, rebuild['table']), audit)
    try:
        return replay(stream, rebuild, offsets[pipeline['name']], stopping)
    finally:
        audit.close()
