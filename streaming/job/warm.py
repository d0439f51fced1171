"""Runs everything once before the first message is read, because a cold first batch takes ten seconds and more.

The row that is written for it has a key of zeros, a write time of 1 microsecond and lives for one second: no record can
be older, so it can hide nothing, and it is gone before the query says that it is ready.
"""

import json
from typing import Any, Dict, Tuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.avro.functions import to_avro
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from batch import Stream
from manifest import Pipeline
from tables import lifetime
from tally import tally

# As Spark's Kafka source gives them, nullability included, so that the generated code is the very same.
MESSAGE = StructType(
    [
        StructField('key', BinaryType()),
        StructField('value', BinaryType()),
        StructField('topic', StringType()),
        StructField('partition', IntegerType()),
        StructField('offset', LongType()),
        StructField('timestamp', TimestampType()),
        StructField('timestampType', IntegerType()),
        StructField(
            'headers',
            ArrayType(StructType([StructField('key', StringType()), StructField('value', BinaryType())])),
        ),
    ]
)

SAMPLES = {
    'string': "'00000000-0000-0000-0000-000000000000'",
    'int': '0',
    'long': '0L',
    'double': '0D',
    'boolean': 'false',
    'timestamp-millis': 'timestamp_millis(0)',
    'null': 'NULL',
}

ROUNDS = 3


def warm(stream: Stream) -> None:
    """Decodes, judges, counts and writes a message of zeros; leaves nothing behind."""
    schema_id, schema = newest_schema(stream.pipeline, stream.schemas)
    message = sample_message(stream.spark, schema_id, schema)
    # So late that the row has one second left.
    now_micros = lifetime(stream.pipeline) * 1_000_000
    for _ in range(ROUNDS):
        frame = stream.judge(message, stream.pipeline['rules'], now_micros).persist()
        tally(frame, stream.counts)
        frame.unpersist()
        # Without rules, since the message of zeros may well break one, and a dead record would not reach the tables.
        frame = stream.judge(message, (), now_micros).persist()
        stream.write_tables(frame)
        stream.audit.dead_letters(frame, stream.pipeline)
        frame.unpersist()


def newest_schema(pipeline: Pipeline, schemas: Dict[int, str]) -> Tuple[int, str]:
    """The schema under which the pipeline's relay writes."""
    if not schemas:
        raise ValueError(
            f"schemas/: expected one of {pipeline['name']}'s record, {pipeline['reader']['name']}, got none; "
            'run prepare, which writes them'
        )
    newest = max(schemas)
    return newest, schemas[newest]


def sample_message(spark: SparkSession, schema_id: int, schema: str) -> DataFrame:
    """A frame of one valid message of zeros, like one of Spark's Kafka source."""
    fields = json.loads(schema)['fields']
    record = ', '.join(f"'{field['name']}', {SAMPLES[_avro_type(field['type'])]}" for field in fields)
    headers = {'run': "'warm-up'", 'origin': '0', 'seq': '0', 'version': '1', 'schema': schema_id, 'crc': 'crc32(body)'}
    pairs = ', '.join(
        f"named_struct('key', '{name}', 'value', cast(cast({sql} AS string) AS binary))"
        for name, sql in headers.items()
    )
    rows = (
        spark.range(1)
        .select(to_avro(f.expr(f'named_struct({record})'), schema).alias('body'))
        .selectExpr(
            "cast('0' AS binary) AS key",
            f"concat(X'00{schema_id:08x}', body) AS value",
            "'' AS topic",
            '0 AS partition',
            '0L AS offset',
            'current_timestamp() AS timestamp',
            '0 AS timestampType',
            f'array({pairs}) AS headers',
        )
        .collect()
    )
    return spark.createDataFrame(rows, MESSAGE)


def _avro_type(kind: Any) -> str:
    if isinstance(kind, list):
        return 'null' if 'null' in kind else _avro_type(kind[0])
    if isinstance(kind, dict):
        return kind['logicalType'] if kind.get('logicalType') in SAMPLES else kind['type']
    return kind
