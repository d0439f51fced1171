"""The writes: every cell with its record's version as write time, every row with what is left of its time to live."""

from typing import Any, Dict, List, Optional

from pyspark.sql import DataFrame, SparkSession

from judge import GOOD
from manifest import Pipeline, Rule, Table

# One letter each, which no column's name has; the connector makes them names in CQL, where no underscore may lead.
VERSION = 'v'
TTL = 't'

# Batches that a task has under way at most, whatever a table says: a managed service counts requests.
CONCURRENT_CONF = 'spark.millrace.tables.concurrent'

# How many seconds back a write time may lie: Keyspaces refuses one of more than two days, and with it the whole batch.
OLDEST_CONF = 'spark.millrace.tables.oldest.seconds'


def oldest_of(spark: SparkSession) -> Optional[int]:
    """Age in seconds at which the tables take a record no more; None where any will do."""
    oldest = spark.conf.get(OLDEST_CONF, '')
    return int(oldest) if oldest else None


def age_rules(oldest: Optional[int], pipeline: Pipeline) -> List[Rule]:
    """A record that the tables would refuse for its age dies instead; one whose life has passed only expires."""
    if oldest is None:
        return []
    return [{'reason': 'too_old', 'field': None, 'broken': f'_age >= {oldest} AND _age < {lifetime(pipeline)}'}]


def lifetime(pipeline: Pipeline) -> int:
    """Seconds after which no table of the pipeline holds a record any more."""
    return max(table['ttlSeconds'] for table in pipeline['tables'])


def write_table(frame: DataFrame, keyspace: str, table: Table) -> None:
    """Writes the good rows that have not expired; returns when Cassandra has acknowledged all of them."""
    rows = frame.where(f'{GOOD} AND _age < {table["ttlSeconds"]}').selectExpr(*columns_of(table))
    options = options_of(keyspace, table, most_concurrent(frame.sparkSession, table))
    rows.write.format('org.apache.spark.sql.cassandra').mode('append').options(**options).save()


def most_concurrent(spark: SparkSession, table: Table) -> int:
    """What the table says, within what the configuration allows."""
    own = table['write']['concurrent']
    return min(own, int(spark.conf.get(CONCURRENT_CONF, str(own))))


def columns_of(table: Table) -> List[str]:
    """Spark SQL of what is written: the columns, the write time, the time to live."""
    columns = [f'{column["sql"]} AS {column["name"]}' for column in table['columns']]
    return [*columns, f'_version AS {VERSION}', f'cast({table["ttlSeconds"]} - _age AS int) AS {TTL}']


def options_of(keyspace: str, table: Table, concurrent: int) -> Dict[str, str]:
    """Settings of the connector for one table."""
    output = 'spark.cassandra.output'
    return {
        'keyspace': keyspace,
        'table': table['name'],
        'writetime': VERSION,
        'ttl': TTL,
        f'{output}.batch.grouping.key': table['write']['grouping'],
        f'{output}.batch.size.rows': str(table['write']['rows']),
        f'{output}.concurrent.writes': str(concurrent),
        f'{output}.consistency.level': 'LOCAL_QUORUM',
        # A NULL is written, as a tombstone of its version: left out, the value of an older version would stay for ever.
        f'{output}.ignoreNulls': 'false',
    }


def forget_sessions(spark: SparkSession) -> None:
    """Has the connector connect anew: a session that asked for its schema while no server was there waits for ever."""
    jvm: Any = spark._jvm
    jvm.com.datastax.spark.connector.cql.CassandraConnector.evictCache()
