"""topic -> tables: the Spark job of every pipeline. What it does per pipeline is written in the manifest.

  spark-submit main.py --manifest DIR --generation 7 --offsets '{"a-pipeline": {"0": 12}}' \\
    --checkpoints DIR --mode streaming

  spark-submit main.py --manifest DIR --rebuild '{"id": 3, "table": "a_table", "rate": 2000}' \\
    --offsets '{"a-pipeline": {"0": [0, 12]}}'

The second way fills a table that is new with what the topic still holds from before it, and ends.
Kafka's client options come from the Spark configuration as spark.millrace.kafka.<option>, the connector's settings
as spark.cassandra.*; spark.millrace.plans=FILE keeps the physical plans.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from typing import Any, Dict, List

from pyspark import SparkFiles
from pyspark.sql import SparkSession

import replay
from audit import Audit
from batch import Stream
from manifest import folder_of, hosted_pipelines, read_manifest
from plans import keep_plans
from queries import ATTEMPTS_OF_A_BATCH_JOB, StuckError, Supervised, query_starter, supervise
from warm import FIRST_ROUNDS, ROUNDS, warm

# Avro makes room for as many bytes as a text says it has: a lying one of two gigabytes ends the JVM, and again after
# every restart. No text is longer than a message of Kafka can be.
# The same goes for the elements of a list, of which a record has 1000 at most.
AVRO_LIMITS = {
    'org.apache.avro.limits.string.maxLength': str(16 * 1024 * 1024),
    'org.apache.avro.limits.bytes.maxLength': str(16 * 1024 * 1024),
    'org.apache.avro.limits.collectionItems.maxLength': str(64 * 1024),
}

JVM_PROPERTIES = {
    **AVRO_LIMITS,
    # The driver logs each warning of the server with the statement's values: records do not belong in logs.
    'datastax-java-driver.advanced.request.log-warnings': 'false',
}

# Certificates for the tables' driver, where spark.files brings some. Executors work where their files lie, and find
# them by their name alone.
TRUSTSTORE = 'truststore.jks'
TRUSTSTORE_PROPERTY = 'datastax-java-driver.advanced.ssl-engine-factory.truststore-path'

SETTINGS = {
    'spark.executor.extraJavaOptions': ' '.join(f'-D{name}={value}' for name, value in JVM_PROPERTIES.items()),
    # Where a month begins must not depend on where the driver runs.
    'spark.sql.session.timeZone': 'UTC',
    # A cast that fails is NULL, which the header checks look for, and not an error of the whole batch.
    'spark.sql.ansi.enabled': 'false',
    # Pipelines take turns: the large batch of one does not make the small one of another wait for its end.
    'spark.scheduler.mode': 'FAIR',
    # The one shuffle is the tally's: a row per partition of the topic.
    'spark.sql.shuffle.partitions': '1',
    'spark.sql.adaptive.enabled': 'false',
    # The text of a plan is made for every action, whether or not somebody looks at it.
    'spark.sql.ui.explainMode': 'simple',
    # Else the connector closes its session in every quiet moment, and connects again for the next batch.
    'spark.cassandra.connection.keepAliveMS': '3600000',
    # By default it waits a minute longer for a server that is back.
    'spark.cassandra.connection.reconnectionDelayMS.min': '500',
    'spark.cassandra.connection.reconnectionDelayMS.max': '2000',
}


def arguments(argv: List[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='topic -> tables')
    parser.add_argument('--manifest', required=True, help='folder of manifest.json and schemas/')
    parser.add_argument('--offsets', required=True, type=json.loads, help='pipeline -> partition -> first offset')
    parser.add_argument('--rebuild', type=json.loads, help='id, table and rate; offsets are [from, until) then')
    streams = '--rebuild' not in argv
    parser.add_argument('--generation', required=streams, type=int)
    parser.add_argument('--checkpoints', required=streams, help='folder of the checkpoints of all generations')
    parser.add_argument('--mode', required=streams, choices=['streaming', 'available-now'])
    parser.add_argument('--trigger', default='100 milliseconds', help='least time from one batch to the next')
    return parser.parse_args(argv)


def session() -> SparkSession:
    """The job's Spark session."""
    builder = SparkSession.builder.appName('millrace')
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    jvm: Any = spark._jvm
    for name, value in {**JVM_PROPERTIES, **truststore()}.items():
        jvm.java.lang.System.setProperty(name, value)
    return spark


def truststore() -> Dict[str, str]:
    """Where the driver's copy of the certificates lies, if there is one."""
    path = SparkFiles.get(TRUSTSTORE)
    return {TRUSTSTORE_PROPERTY: path} if os.path.exists(path) else {}


def trigger_of(options: argparse.Namespace) -> Dict[str, Any]:
    """Spark's trigger for the mode."""
    return {'availableNow': True} if options.mode == 'available-now' else {'processingTime': options.trigger}


def hosted(spark: SparkSession, options: argparse.Namespace, audit: Audit) -> List[Supervised]:
    """Every pipeline of this job, warm and ready to read."""
    folder = folder_of(options.manifest)
    manifest = read_manifest(spark, folder)
    attempts = ATTEMPTS_OF_A_BATCH_JOB if options.mode == 'available-now' else float('inf')
    queries = []
    for pipeline in hosted_pipelines(manifest, options.offsets):
        stream = Stream(spark, folder, manifest, pipeline, audit)
        warm(stream, ROUNDS if queries else FIRST_ROUNDS)
        checkpoint = f'{options.checkpoints.rstrip("/")}/{options.generation}/{pipeline["name"]}'
        start = query_starter(spark, stream, options.offsets[pipeline['name']], checkpoint, trigger_of(options))
        queries.append(Supervised(pipeline, start, audit, attempts, stream.busy_seconds))
    return queries


def main(argv: List[str]) -> int:
    """Runs the job; 0 when it was told to stop or has read everything, 1 when a pipeline stopped by itself."""
    options = arguments(argv)
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(levelname)s %(message)s')
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    spark = session()
    plans = spark.conf.get('spark.millrace.plans', '')
    if plans:
        keep_plans(spark, plans)
    if options.rebuild:
        is_well = replay.run(spark, options.manifest, options.offsets, options.rebuild, stopping)
    else:
        is_well = stream(spark, options, stopping)
    spark.stop()
    return 0 if is_well else 1


def stream(spark: SparkSession, options: argparse.Namespace, stopping: threading.Event) -> bool:
    """Hosts every pipeline until it is told to stop or has read everything."""
    audit = Audit(spark, options.generation)
    queries = hosted(spark, options, audit)
    try:
        is_well = supervise(queries, stopping)
    except StuckError:
        logging.exception('this attempt ends')
        # Nothing else would get past the thread that waits.
        os._exit(1)
    audit.close()
    return is_well


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
