"""Keeps the physical plan of everything that Spark executed: the test's way to see what a running job really does."""

from typing import Any

from pyspark.java_gateway import ensure_callback_server_started
from pyspark.sql import SparkSession


class PlanListener:
    """Spark's QueryExecutionListener; appends each plan to a file, after a line that names the action."""

    def __init__(self, path: str) -> None:
        self.path = path

    def onSuccess(self, name: str, execution: Any, _nanos: int) -> None:  # noqa: N802
        """Called by Spark after each action."""
        with open(self.path, 'a', encoding='utf-8') as file:
            file.write(f'== {name}\n{execution.executedPlan().toString()}\n')

    def onFailure(self, name: str, execution: Any, _error: Any) -> None:  # noqa: N802
        """Called by Spark after an action that failed: its plan counts just the same."""
        self.onSuccess(name, execution, 0)

    class Java:
        """The interface that Spark sees."""

        implements = ['org.apache.spark.sql.util.QueryExecutionListener']


def keep_plans(spark: SparkSession, path: str) -> None:
    """Appends the plan of every action from now on to a file."""
    ensure_callback_server_started(spark.sparkContext._gateway)
    session: Any = spark._jsparkSession
    session.listenerManager().register(PlanListener(path))
