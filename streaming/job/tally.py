"""What became of a batch's offsets: counted per partition, checked, and told as coverage."""

from typing import Any, Dict, Iterable, List, Tuple

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as f

from judge import DEAD, GOOD
from manifest import Pipeline
from tables import lifetime


def tally(frame: DataFrame, counts: List[Column]) -> List[Row]:
    """Per partition: which offsets the frame holds, and how many of them go which way."""
    return frame.groupBy('_partition').agg(*counts).collect()


def counts_of(pipeline: Pipeline) -> List[Column]:
    """The aggregates of a tally."""
    counts = {
        'first': 'min(_offset)',
        'last': 'max(_offset)',
        'stored': f'count_if({GOOD} AND _age < {lifetime(pipeline)})',
        'dead': f'count_if({DEAD})',
        'expired': f'count_if({_expired(pipeline)})',
        'unknown': "count_if(_verdict.reason = 'unknown_schema')",
    }
    return [f.expr(sql).alias(name) for name, sql in counts.items()]


def expired_offsets(frame: DataFrame, pipeline: Pipeline, tallies: Iterable[Row]) -> Dict[int, List[int]]:
    """Per partition the offsets of good records whose time to live has passed; asks Spark only when there are any."""
    offsets: Dict[int, List[int]] = {}
    if any(row.expired for row in tallies):
        for row in frame.where(_expired(pipeline)).select('_partition', '_offset').collect():
            offsets.setdefault(row._partition, []).append(row._offset)
    return offsets


def coverage(tallies: Iterable[Row], expired: Dict[int, List[int]]) -> List[Dict[str, Any]]:
    """The ranges of a coverage message; throws when an offset is unaccounted for: the batch must fail then."""
    return [_range(row, expired.get(row._partition, [])) for row in sorted(tallies, key=lambda row: row._partition)]


def ranges_of(offsets: Iterable[int]) -> List[Tuple[int, int]]:
    """Offsets as ranges [from, until)."""
    ranges: List[Tuple[int, int]] = []
    for offset in sorted(offsets):
        if ranges and ranges[-1][1] == offset:
            ranges[-1] = (ranges[-1][0], offset + 1)
        else:
            ranges.append((offset, offset + 1))
    return ranges


def _expired(pipeline: Pipeline) -> str:
    return f'{GOOD} AND _age >= {lifetime(pipeline)}'


def _range(row: Row, expired: List[int]) -> Dict[str, Any]:
    first, until = row.first, row.last + 1
    if row.stored + row.dead + len(expired) != until - first:
        raise ValueError(
            f'partition {row._partition}: expected {until - first} records for the offsets [{first}, {until}), '
            f'got {row.stored} to store, {row.dead} dead, {len(expired)} expired; '
            'the topic must be neither compacted nor written in transactions'
        )
    return {
        'partition': row._partition,
        'from': first,
        'until': until,
        'dead': row.dead,
        'expired': ranges_of(expired),
    }
