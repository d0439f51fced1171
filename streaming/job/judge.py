"""Good or dead: the header checks first, then the manifest's rules in their order."""

from decimal import Decimal
from typing import List, Optional, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from manifest import Pipeline, Rule

ALIEN_BYTES = 4096
OWN_BYTES = 65536

GOOD = '_reason IS NULL'
DEAD = '_reason IS NOT NULL'


def judged(messages: DataFrame, pipeline: Pipeline, rules: Sequence[Rule], now_micros: int) -> DataFrame:
    """One row per message: where it was, `_reason` and `_field` when it is dead, its age in seconds, and its fields."""
    fields = [f'_record.{field["name"]}' for field in pipeline['fields']]
    return (
        messages.withColumn('_now', f.lit(Decimal(now_micros)))
        .selectExpr(*_kept(), *fields)
        .selectExpr('*', f'{_verdict(pipeline, rules)} AS _verdict')
        .selectExpr(*_columns(pipeline))
    )


def quoted(text: str) -> str:
    """A text as a literal of Spark SQL."""
    escaped = text.replace('\\', '\\\\').replace("'", "\\'")
    return f"'{escaped}'"


def _kept() -> List[str]:
    # `_now` is a decimal: the code that Spark generates holds a long in its text, and would be compiled for every batch.
    return [
        '_partition',
        '_offset',
        '_topic',
        '_run',
        '_origin',
        '_version',
        '_alien',
        'cast((_now - cast(_version AS decimal(20, 0))) / 1000000 AS bigint) AS _age',
        f'CASE WHEN _alien IS NOT NULL THEN base64(substring(_value, 1, {ALIEN_BYTES})) END AS _bytes',
        f'octet_length(_value) <= {OWN_BYTES} AS _fits',
    ]


def _verdict(pipeline: Pipeline, rules: Sequence[Rule]) -> str:
    # A broken payload decodes to a record whose fields are all NULL, and a key never is.
    key = next(field['name'] for field in pipeline['fields'] if field['key'])
    branches = [
        _branch('_alien IS NOT NULL', '_alien', None, alien=True),
        _branch(f'{key} IS NULL', quoted('undecodable'), None, alien=True),
        *(_branch(rule['broken'], quoted(rule['reason']), rule['field'], alien=False) for rule in rules),
    ]
    return f'CASE {" ".join(branches)} END'


def _branch(condition: str, reason: str, field: Optional[str], alien: bool) -> str:
    field_sql = 'cast(NULL AS string)' if field is None else quoted(field)
    return (
        f"WHEN {condition} THEN named_struct('reason', {reason}, 'field', {field_sql}, 'alien', {str(alien).lower()})"
    )


def _columns(pipeline: Pipeline) -> List[str]:
    return [
        '_partition',
        '_offset',
        '_topic',
        '_run',
        '_origin',
        '_version',
        '_age',
        '_bytes',
        '_fits',
        '_verdict.reason AS _reason',
        '_verdict.field AS _field',
        '_verdict.alien AS _is_alien',
        *(field['name'] for field in pipeline['fields']),
    ]
