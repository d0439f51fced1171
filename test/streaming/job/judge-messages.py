"""The job's own decoding, rules, tables, dead letters and tally over messages, on real Spark; JSON in, JSON out."""

import json
import sys

from messages import frame_of

from audit import dead_letter
from decode import decoded, record_column
from judge import DEAD, GOOD, judged
from main import session
from manifest import own_schemas
from tables import age_rules, columns_of
from tally import counts_of, coverage, expired_offsets, tally
from warm import newest_schema, sample_message


def json_rows(frame):
    return [json.loads(row.json) for row in frame.selectExpr('to_json(struct(*)) AS json').collect()]


def answers(spark, asked):
    pipeline = asked['pipeline']
    files = {schema_id: json.dumps(schema) for schema_id, schema in asked['schemas'].items()}
    schemas = own_schemas(files, pipeline)
    record = record_column(pipeline, schemas)
    messages = frame_of(spark, asked['messages'], pipeline['topic'])
    rules = [*pipeline['rules'], *age_rules(asked.get('oldestSeconds'), pipeline)]
    frame = judged(decoded(messages, pipeline, schemas, record), pipeline, rules, asked['nowMicros'])
    frame.persist()
    tallies = tally(frame, counts_of(pipeline))
    sample = sample_message(spark, *newest_schema(pipeline, schemas), asked.get('warmVersion', 1))
    warm = judged(decoded(sample, pipeline, schemas, record), pipeline, (), asked['nowMicros'])
    letters = frame.where(DEAD).selectExpr(f'{dead_letter(pipeline)} AS value')
    good = {
        table['name']: frame.where(GOOD).selectExpr(*columns_of(table), '_offset AS offset')
        for table in pipeline['tables']
    }
    return {
        'verdicts': json_rows(frame.selectExpr('_offset AS offset', '_age AS age', '_verdict AS verdict')),
        'letters': [json.loads(row.value) for row in letters.collect()],
        'tables': {name: json_rows(rows) for name, rows in good.items()},
        'coverage': coverage(tallies, expired_offsets(frame, pipeline, tallies)),
        'warm': json_rows(warm.selectExpr('_verdict AS verdict', '_version AS version')),
        'plans': [rows._jdf.queryExecution().executedPlan().toString() for rows in (letters, *good.values())],
    }


if __name__ == '__main__':
    sys.stdout.write(json.dumps(answers(session(), json.load(sys.stdin))))
