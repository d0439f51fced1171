"""Waits until what was written is on the table server's disk.

A server that syncs its commit log by time acknowledges a write up to one period before it is on disk, and forgets it
when it is killed in between. It also lets no write through while its last sync lies further back than that. So a write
that is acknowledged `lag` after another proves that the other is on disk, unless the server was born anew meanwhile.
Managed tables are durable when they acknowledge: without a lag there is nothing to wait for.
"""

import time
from typing import Any, Callable

from pyspark.sql import SparkSession

from manifest import Pipeline

LAG_CONF = 'spark.millrace.tables.lag.ms'
BORN = "SELECT gossip_generation FROM system.local WHERE key = 'local'"


class Fence:
    """Makes the writes of one pipeline durable before they count."""

    def __init__(self, spark: SparkSession, pipeline: Pipeline) -> None:
        self.statement = pipeline['fence']
        self.lag_seconds = int(spark.conf.get(LAG_CONF, '0')) / 1000
        context: Any = spark.sparkContext._jsc
        self._conf = context.sc().getConf()
        self._jvm: Any = spark._jvm

    def behind(self, write: Callable[[], None]) -> None:
        """Writes, again if need be, until the writes are on disk."""
        if self.lag_seconds == 0:
            write()
            return
        session = self._open()
        try:
            self._until_durable(session, write)
        finally:
            session.close()

    def _open(self) -> Any:
        # The connector's own session, which the writes use too.
        return self._jvm.com.datastax.spark.connector.cql.CassandraConnector.apply(self._conf).openSession()

    def _until_durable(self, session: Any, write: Callable[[], None]) -> None:
        born = ''
        while self._born(session) != born:
            born = self._born(session)
            write()
            time.sleep(self.lag_seconds)
            session.execute(self.statement)

    def _born(self, session: Any) -> str:
        # As bytes: py4j does not see the default methods of the driver's interfaces.
        value = session.execute(BORN).iterator().next().getBytesUnsafe(0)
        return self._jvm.com.datastax.oss.protocol.internal.util.Bytes.toHexString(value)
