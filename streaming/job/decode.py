"""From a message of the topic to a record: what the headers must say, the frame, and Avro under its writer's schema.

Columns of our own begin with an underscore, which no field of a record can.
"""

import json
from typing import Dict, List
from uuid import UUID

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql.avro.functions import from_avro

from manifest import Pipeline

NUMBERS = ('origin', 'seq', 'version', 'crc')


def decoded(messages: DataFrame, pipeline: Pipeline, schemas: Dict[str, str], record: Column) -> DataFrame:
    """Adds `_alien`, the first header check that a message fails, and `_record`, which is NULL then."""
    # One step each. An alias used beside its definition would do, but Spark then puts the columns into another order
    # every time, and compiles the code of every batch anew.
    return (
        messages.selectExpr(*parts_of_message())
        .selectExpr('*', f'{alien_reason(pipeline, schemas)} AS _alien')
        .withColumn('_record', record)
    )


def record_column(pipeline: Pipeline, schemas: Dict[str, str]) -> Column:
    """Decodes the payload: one column, one pass over a batch; of all the schemas it is the row's own that is used."""
    # CORRECTED: the relay counts by today's calendar throughout; Spark would refuse instants before 1900 as ambiguous.
    options = {'mode': 'PERMISSIVE', 'avroSchema': json.dumps(pipeline['reader']), 'datetimeRebaseMode': 'CORRECTED'}
    column = f.lit(None)
    for schema_id, schema in sorted(schemas.items()):
        is_good = f.expr(f"_alien IS NULL AND _head = X'{head_of(schema_id)}'")
        column = f.when(is_good, from_avro(f.col('_body'), schema, options)).otherwise(column)
    return column


def parts_of_message() -> List[str]:
    """Spark SQL of what the checks and the decoding need of a message of Spark's Kafka source."""
    return [
        'partition AS _partition',
        'offset AS _offset',
        'topic AS _topic',
        'key AS _key',
        'value AS _value',
        'unix_micros(timestamp) AS _sent',
        f'{_header("run")} AS _run',
        f'{_header("schema")} AS _schema',
        *(f'cast({_header(name)} AS bigint) AS _{name}' for name in NUMBERS),
        f'{_by_magic("substring(value, 1, {bytes})")} AS _head',
        f'{_by_magic("substring(value, {bytes} + 1)")} AS _body',
    ]


def head_of(schema_id: str) -> str:
    """The frame's header before a payload of this schema, in hex; streaming/framing.ts has its grammar."""
    return f'00{int(schema_id):08x}' if schema_id.isdigit() else f'0300{UUID(schema_id).hex}'


def alien_reason(pipeline: Pipeline, schemas: Dict[str, str]) -> str:
    """Spark SQL over the parts: why a message is not one of our relay's, or NULL."""
    heads = {schema_id: f"X'{head_of(schema_id)}'" for schema_id in sorted(schemas)}
    known = ', '.join(heads.values()) or 'NULL'
    expected = ' '.join(f"WHEN {head} THEN '{schema_id}'" for schema_id, head in heads.items()) or "WHEN NULL THEN ''"
    missing = ' OR '.join(f'_{name} IS NULL' for name in ('run', 'schema', *NUMBERS))
    # The version is held against the message's own time, not against now: a replay must judge alike.
    latest = f'_sent + {pipeline["versionSlackMicros"]}'
    return f"""CASE
      WHEN _value IS NULL THEN 'tombstone'
      WHEN _key IS NULL OR octet_length(_key) = 0 THEN 'no_key'
      WHEN {missing} THEN 'no_header'
      WHEN _head IS NULL OR octet_length(_body) = 0 THEN 'bad_magic'
      WHEN NOT coalesce(_head IN ({known}), false) THEN 'unknown_schema'
      WHEN _schema <> CASE _head {expected} END THEN 'schema_mismatch'
      WHEN _crc <> crc32(_body) THEN 'bad_crc'
      WHEN _version NOT BETWEEN 0 AND {latest} THEN 'bad_version'
    END"""


def _by_magic(sql: str) -> str:
    # Confluent's header or Glue's; NULL under any other beginning.
    confluent, glue = sql.format(bytes=5), sql.format(bytes=18)
    return f"CASE WHEN startswith(value, X'00') THEN {confluent} WHEN startswith(value, X'0300') THEN {glue} END"


def _header(name: str) -> str:
    # Never through a map: a header that comes twice would make it throw, and the batch fail for ever.
    return f"cast(filter(headers, h -> h.key = '{name}')[0].value AS string)"
