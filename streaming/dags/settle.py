"""One DAG per pipeline: runs the instants that were missed, by the step that the schedule calls as well."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable

MANIFEST = json.loads((Path(__file__).parent / 'manifest.json').read_text(encoding='utf-8'))
if MANIFEST['schema'] != 1:
    raise ValueError(f'manifest.json: expected schema 1, got {MANIFEST["schema"]}; the other half is still on its way')

for pipeline in MANIFEST['pipelines']:
    with DAG(
        dag_id=f'settle-{pipeline["name"]}',
        description='asks extract for every instant of the last day that is missing or not closed',
        schedule=CronDataIntervalTimetable(pipeline['settle'], timezone='UTC'),
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        # A run looks back a day by itself: one that was missed is made up for by the next.
        catchup=False,
        max_active_runs=1,
        default_args={
            # Steps may be repeated; a busy one (429) is free again a little later.
            'retries': 3,
            'retry_delay': timedelta(seconds=30),
            'retry_exponential_backoff': True,
        },
        tags=['millrace', pipeline['name']],
    ):
        LambdaInvokeFunctionOperator(
            task_id='settle',
            function_name='millrace-settle',
            payload=json.dumps({'pipeline': pipeline['name']}),
            # Longer than the step may take; botocore's own retry would be a second call of one that still runs.
            botocore_config={'read_timeout': 310, 'retries': {'max_attempts': 0}},
        )
