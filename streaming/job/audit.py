"""The audit topic: dead letters by Spark's Kafka writer, everything else by a producer of the driver.

A write of Spark costs most of a second however little it writes, a send of the driver's producer some milliseconds.
The topic has one partition and each side waits to be acknowledged: dead letters precede the coverage that counts them.
"""

import json
from typing import Any, Dict, List

from pyspark.sql import DataFrame, SparkSession

from judge import DEAD, quoted
from manifest import Pipeline

CONF_PREFIX = 'spark.millrace.kafka.'


def kafka_options(spark: SparkSession) -> Dict[str, str]:
    """Options of every Kafka client of the job: `spark.millrace.kafka.<option>` of the Spark configuration."""
    entries = spark.sparkContext.getConf().getAll()
    options = {name[len(CONF_PREFIX) :]: value for name, value in entries if name.startswith(CONF_PREFIX)}
    if 'bootstrap.servers' not in options:
        raise ValueError(
            f'Spark configuration: expected {CONF_PREFIX}bootstrap.servers, got {sorted(options) or "none"}; '
            'give it with --conf or in the properties file of spark-submit'
        )
    return options


class Audit:
    """Sends what the job has to say; every send returns once the broker has acknowledged it."""

    def __init__(self, spark: SparkSession, generation: int) -> None:
        self.options = {**kafka_options(spark), 'acks': 'all'}
        self.generation = generation
        jvm: Any = spark._jvm
        properties = jvm.java.util.HashMap()
        for name, value in self.options.items():
            properties.put(name, value)
        serializer = jvm.org.apache.kafka.common.serialization.StringSerializer
        self._producer = jvm.org.apache.kafka.clients.producer.KafkaProducer(properties, serializer(), serializer())
        self._record = jvm.org.apache.kafka.clients.producer.ProducerRecord

    def started(self, pipeline: Pipeline) -> None:
        """The pipeline's query is warm and reading."""
        self._send(pipeline, {'kind': 'started'})

    def stopped(self, pipeline: Pipeline, reason: str, detail: str) -> None:
        """The pipeline's query will not go on by itself."""
        self._send(pipeline, {'kind': 'stopped', 'reason': reason, 'detail': detail})

    def coverage(self, pipeline: Pipeline, ranges: List[Dict[str, Any]]) -> None:
        """Offsets that the tables have absorbed."""
        self._send(pipeline, {'kind': 'coverage', 'ranges': ranges})

    def rebuilt(self, pipeline: Pipeline, rebuild: int, done: Dict[str, int]) -> None:
        """How far a rebuild has come, in all."""
        self._send(pipeline, {'kind': 'rebuilt', 'rebuild': rebuild, **done})

    def dead_letters(self, frame: DataFrame, pipeline: Pipeline) -> None:
        """Sends the dead rows of a judged frame."""
        options = {f'kafka.{name}': value for name, value in self.options.items()}
        letters = frame.where(DEAD).selectExpr(f'{dead_letter(pipeline)} AS value')
        letters.write.format('kafka').option('topic', pipeline['auditTopic']).options(**options).save()

    def close(self) -> None:
        """Frees the producer's connections."""
        self._producer.close()

    def _send(self, pipeline: Pipeline, message: Dict[str, Any]) -> None:
        said = {'kind': message['kind'], 'pipeline': pipeline['name'], 'generation': self.generation, **message}
        self._producer.send(self._record(pipeline['auditTopic'], json.dumps(said))).get()


def dead_letter(pipeline: Pipeline) -> str:
    """Spark SQL of a dead letter's JSON. An alien's payload is its bytes, our own record's its allow-listed fields."""
    return f"""CASE WHEN _verdict.alien
      THEN {_letter(pipeline, "concat_ws('-', _topic, _partition, _offset)", 'NULL', '_bytes')}
      ELSE {_letter(pipeline, 'cast(_origin AS string)', '_run', _payload(pipeline))}
    END"""


def _letter(pipeline: Pipeline, identity: str, run: str, payload: str) -> str:
    return f"""to_json(named_struct(
        'kind', 'dead', 'pipeline', {quoted(pipeline['name'])}, 'identity', {identity},
        'run', cast({run} AS string), 'at', 'stream', 'reason', _verdict.reason, 'field', _verdict.field,
        'alien', _verdict.alien,
        'partition', _partition, 'offset', _offset, 'payload', {payload}
      ), map('ignoreNullFields', 'false'))"""


def _payload(pipeline: Pipeline) -> str:
    # A record too large for an audit message is left out; landing holds it.
    fields = [f'{quoted(field["name"])}, {field["landed"]}' for field in pipeline['fields']]
    return f'CASE WHEN _fits THEN named_struct({", ".join(fields)}) END'
