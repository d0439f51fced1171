"""Writes messages into the tables of a real server by the job's own code; JSON in, how many rows were good out."""

import json
import sys

from messages import frame_of

from decode import decoded, record_column
from judge import GOOD, judged
from main import session
from tables import write_table


def answers(spark, asked):
    pipeline = asked['pipeline']
    for name, value in asked['settings'].items():
        spark.conf.set(name, value)
    schemas = {schema_id: json.dumps(schema) for schema_id, schema in asked['schemas'].items()}
    messages = frame_of(spark, asked['messages'], pipeline['topic'])
    records = decoded(messages, pipeline, schemas, record_column(pipeline, schemas))
    frame = judged(records, pipeline, pipeline['rules'], asked['nowMicros'])
    # As when a batch comes again: nothing may change.
    for _ in range(2):
        for table in pipeline['tables']:
            write_table(frame, asked['keyspace'], table)
    return {'good': frame.where(GOOD).count()}


if __name__ == '__main__':
    sys.stdout.write(json.dumps(answers(session(), json.load(sys.stdin))))
