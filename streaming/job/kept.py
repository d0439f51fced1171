"""A batch that is decoded and judged once, however often it is used.

Kept as rows that stand for themselves, and not with `persist`: a plan over a persisted frame begins with all that made
the frame, which Spark then analyzes and plans anew for every use. In a small batch that is most of the work.
Rows that are lost with an executor fail the batch, and its query comes back with the same offsets.
"""

from typing import Any

from pyspark.sql import DataFrame


def kept(frame: DataFrame) -> DataFrame:
    """The frame's rows, computed at their first use; to be let go."""
    return frame.localCheckpoint(eager=False)


def let_go(frame: DataFrame) -> None:
    """Frees what is kept. A frame's own `unpersist` knows nothing of a checkpoint."""
    plan: Any = frame._jdf.queryExecution().logical()
    plan.rdd().unpersist(False)
