"""The golden bytes as the job reads them, on real Spark: golden bytes in, what was found in them out."""

import json
import sys
import zlib
from datetime import datetime, timezone

from decode import decoded, head_of, record_column
from main import session

MESSAGE = (
    'key binary, value binary, topic string, partition int, offset bigint, timestamp timestamp, '
    'headers array<struct<key: string, value: binary>>'
)
SENT = datetime(2026, 11, 24, 17, tzinfo=timezone.utc)


def message(offset, schema_id, value, payload):
    headers = {'run': 'a-run', 'origin': 1, 'seq': 1, 'version': 1, 'schema': schema_id, 'crc': zlib.crc32(payload)}
    named = [(name, str(text).encode()) for name, text in headers.items()]
    return (b'a key', value, 'golden', 0, offset, SENT, named)


def messages_of(golden):
    rows = []
    for header in golden['headers']:
        for record in golden['records']:
            payload = bytes.fromhex(record['payload'])
            value = bytes.fromhex(header['bytes']) + payload
            rows.append(message(len(rows), header['schemaId'], value, payload))
    for value in golden['notFrames']:
        rows.append(message(len(rows), 1, bytes.fromhex(value['bytes']), b''))
    return rows


def as_json(fields):
    # Values as they landed.
    values = ', '.join(f"'{field['name']}', {field['landed']}" for field in fields)
    return f"to_json(named_struct({values}), map('ignoreNullFields', 'false'))"


def answers(spark, asked):
    golden = asked['golden']
    pipeline = {'name': 'golden', 'reader': golden['schema'], 'versionSlackMicros': 0}
    schemas = {str(header['schemaId']): json.dumps(golden['schema']) for header in golden['headers']}
    messages = spark.createDataFrame(messages_of(golden), MESSAGE)
    frame = decoded(messages, pipeline, schemas, record_column(pipeline, schemas)).orderBy('_offset')
    rows = (
        frame.selectExpr('_alien', '_record.*').selectExpr('_alien', f'{as_json(asked["fields"])} AS record').collect()
    )
    frames = len(golden['headers']) * len(golden['records'])
    ids = [header['schemaId'] for header in golden['headers'] for _ in golden['records']]
    return {
        'heads': [head_of(str(header['schemaId'])) for header in golden['headers']],
        'frames': [
            {'schemaId': schema_id, 'alien': row._alien, 'record': json.loads(row.record)}
            for schema_id, row in zip(ids, rows)
        ],
        'notFrames': [row._alien for row in rows[frames:]],
    }


if __name__ == '__main__':
    sys.stdout.write(json.dumps(answers(session(), json.load(sys.stdin))))
