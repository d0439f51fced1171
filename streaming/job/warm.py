"""Runs everything once before the first message is read, because a cold first batch takes ten seconds and more.

The row that is written for it has a key of zeros, a write time of 1 microsecond and lives for one second: no record can
be older, so it can hide nothing, and it is gone before the query says that it is ready. Where tables refuse so old a
time, it is an hour ago: no record has a key of zeros.
"""

import json
import time
from functools import partial
from typing import Any, Dict, Tuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.avro.functions import to_avro

from batch import Stream
from decode import head_of
from kept import kept, let_go
from manifest import Pipeline
from tables import lifetime
from tally import tally

SAMPLES = {
    'string': "'00000000-0000-0000-0000-000000000000'",
    'int': '0',
    'long': '0L',
    'double': '0D',
    'boolean': 'false',
    'timestamp-millis': 'timestamp_millis(0)',
}

# The first pipeline's rounds compile Spark's own code for all of them; the next ones have only their own to compile.
FIRST_ROUNDS = 3
ROUNDS = 1

HOUR_MICROS = 3_600_000_000


def warm(stream: Stream, rounds: int) -> None:
    """Decodes, judges, counts and writes a message of zeros, so many times; leaves nothing behind."""
    schema_id, schema = newest_schema(stream.pipeline, stream.schemas)
    version = 1 if stream.oldest is None else time.time_ns() // 1000 - HOUR_MICROS
    message = sample_message(stream.spark, schema_id, schema, version)
    # So late that the row has one second left.
    now_micros = version - 1 + lifetime(stream.pipeline) * 1_000_000
    for _ in range(rounds):
        frame = kept(stream.judge(message, stream.rules, now_micros))
        tally(frame, stream.counts)
        let_go(frame)
        # Without rules, since the message of zeros may well break one, and a dead record would not reach the tables.
        frame = kept(stream.judge(message, (), now_micros))
        # As a small batch is written, and as a large one.
        for rows in (frame, frame.coalesce(1)):
            stream.fence.behind(partial(stream.write_tables, rows))
        stream.audit.dead_letters(frame, stream.pipeline)
        let_go(frame)


def newest_schema(pipeline: Pipeline, schemas: Dict[str, str]) -> Tuple[str, str]:
    """The schema under which the pipeline's relay writes."""
    if not schemas:
        raise ValueError(
            f"schemas/: expected one of {pipeline['name']}'s record, {pipeline['reader']['name']}, got none; "
            'run prepare, which writes them'
        )
    # The definition's own; a job that is older than the relay has none, and is content with any.
    own = [item for item in schemas.items() if json.loads(item[1]) == pipeline['reader']]
    return own[0] if own else max(schemas.items())


def sample_message(spark: SparkSession, schema_id: str, schema: str, version: int = 1) -> DataFrame:
    """A frame of one valid message of zeros, like one of Spark's Kafka source."""
    fields = json.loads(schema)['fields']
    record = ', '.join(f"'{field['name']}', {sample_of(field['type'])}" for field in fields)
    columns = {
        'key': "cast('0' AS binary)",
        'value': f"concat(X'{head_of(schema_id)}', body)",
        'topic': "''",
        'partition': '0',
        'offset': '0L',
        'timestamp': f'timestamp_micros({version}L)',
        'timestampType': '0',
        'headers': _headers(
            {'run': "'warm-up'", 'version': str(version), 'schema': f"'{schema_id}'", 'crc': 'crc32(body)'}
        ),
    }
    return (
        spark.range(1)
        .withColumn('body', to_avro(f.expr(f'named_struct({record})'), schema))
        # Every column may be NULL, as in the source's frame, so that the code compiled now is the code used later.
        .selectExpr(*(f'CASE WHEN id = 0 THEN {sql} END AS {name}' for name, sql in columns.items()))
        # A frame of rows: Spark would evaluate constants once, instead of compiling what works on messages.
        .localCheckpoint()
    )


def sample_of(kind: Any) -> str:
    """Spark SQL of a value of an Avro type: a zero, or NULL where it may be."""
    if isinstance(kind, list):
        # A NULL that has a type: a bare one is of a type of its own, which Avro does not know.
        return f'CASE WHEN false THEN {sample_of(next(one for one in kind if one != "null"))} END'
    if isinstance(kind, str):
        return SAMPLES[kind]
    if kind['type'] == 'array':
        return f'array({sample_of(kind["items"])})'
    if kind.get('logicalType') == 'decimal':
        return f'cast(0 AS decimal({kind["precision"]}, {kind["scale"]}))'
    return SAMPLES[kind['logicalType'] if kind.get('logicalType') in SAMPLES else kind['type']]


def _headers(values: Dict[str, str]) -> str:
    pairs = ', '.join(
        f"named_struct('key', '{name}', 'value', cast(cast({sql} AS string) AS binary))"
        for name, sql in {'origin': '0', 'seq': '0', **values}.items()
    )
    return f'cast(array({pairs}) AS array<struct<key: string, value: binary>>)'
