"""Messages that a test made, as a frame like one of Spark's Kafka source."""

import base64
from datetime import datetime, timezone

MESSAGE = (
    'key binary, value binary, topic string, partition int, offset bigint, timestamp timestamp, timestampType int, '
    'headers array<struct<key: string, value: binary>>'
)


def frame_of(spark, messages, topic):
    return spark.createDataFrame([row_of(message, topic) for message in messages], MESSAGE)


def row_of(message, topic):
    headers = [(name, value.encode()) for name, value in message['headers']]
    sent = datetime.fromtimestamp(message['sentMs'] / 1000, timezone.utc)
    return (
        as_bytes(message['key']),
        as_bytes(message['value']),
        topic,
        message['partition'],
        message['offset'],
        sent,
        0,
        headers or None,
    )


def as_bytes(text):
    return None if text is None else base64.b64decode(text)
