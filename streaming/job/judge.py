"""Good or dead: the header checks first, then the manifest's rules in their order."""

from typing import Optional, Sequence

from pyspark.sql import DataFrame

from manifest import Pipeline, Rule

# How much of an alien's value its dead letter shows.
ALIEN_BYTES = 4096
# A larger message's dead letter holds no payload: as JSON it could outgrow what the audit topic takes.
OWN_BYTES = 65536

GOOD = '_verdict IS NULL'
DEAD = '_verdict IS NOT NULL'


def judged(messages: DataFrame, pipeline: Pipeline, rules: Sequence[Rule], now_micros: int) -> DataFrame:
    """One row per message: place, fields, age in seconds, and `_verdict` {reason, field, alien} when it is dead."""
    fields = [f'_record.{field["name"]} AS {field["name"]}' for field in pipeline['fields']]
    return messages.selectExpr(
        '_partition',
        '_offset',
        '_topic',
        '_run',
        '_origin',
        '_version',
        f'{_age(now_micros)} AS _age',
        f'{_alien(pipeline)} AS _alien',
        f'{_base64(pipeline)} AS _bytes',
        f'octet_length(_value) <= {OWN_BYTES} AS _fits',
        *fields,
    ).selectExpr('*', f'{_verdict(rules)} AS _verdict')


def quoted(text: str) -> str:
    """A text as a literal of Spark SQL."""
    escaped = text.replace('\\', '\\\\').replace("'", "\\'")
    return f"'{escaped}'"


def _age(now_micros: int) -> str:
    # A decimal (BD): Spark writes a long into the code it generates, and would compile that anew for every batch.
    return f'cast(({now_micros}BD - cast(_version AS decimal(20, 0))) / 1000000 AS bigint)'


def _alien(pipeline: Pipeline) -> str:
    # A broken payload decodes to a record whose fields are all NULL, and a key never is.
    key = next(field['name'] for field in pipeline['fields'] if field['key'])
    return f"CASE WHEN _alien IS NOT NULL THEN _alien WHEN _record.{key} IS NULL THEN 'undecodable' END"


def _base64(pipeline: Pipeline) -> str:
    # Spark breaks the text into lines.
    text = f"translate(base64(substring(_value, 1, {ALIEN_BYTES})), '\\r\\n', '')"
    return f'CASE WHEN {_alien(pipeline)} IS NOT NULL THEN {text} END'


def _verdict(rules: Sequence[Rule]) -> str:
    branches = [
        _branch('_alien IS NOT NULL', '_alien', None, alien=True),
        *(_branch(rule['broken'], quoted(rule['reason']), rule['field'], alien=False) for rule in rules),
    ]
    return f'CASE {" ".join(branches)} END'


def _branch(condition: str, reason: str, field: Optional[str], alien: bool) -> str:
    verdict = f"'reason', {reason}, 'field', cast({quoted(field) if field else 'NULL'} AS string), 'alien', {alien}"
    return f'WHEN {condition} THEN named_struct({verdict})'
