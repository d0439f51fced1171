"""One DAG per pipeline: runs the instants that are missing, waits for the tables, and says whether all is there."""

import json
from datetime import datetime, timezone

from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
from airflow.sdk import DAG, Param, chain, task
from airflow.timetables.interval import CronDataIntervalTimetable

from millrace import CALL, MANIFEST, PATIENT, ask, moment
from notify import notify

# A backfill settles the interval of its run, a person that of the form; the schedule leaves it to the step, which looks
# back a day.
FROM, TO = (
    '{{ (' + edge + '.isoformat() if dag_run.run_type == "backfill" else params["' + name + '"]) | tojson }}'
    for edge, name in (('data_interval_start', 'from'), ('data_interval_end', 'to'))
)


def form(pipeline):
    """What a person may ask for when starting it by hand."""
    params = {
        'from': moment('First instant that is looked at; empty: a day ago'),
        'to': moment('Instants before this one; empty: five minutes ago'),
    }
    if pipeline['counted']:
        params['records'] = Param(
            None,
            type=['null', 'integer'],
            minimum=1,
            title='Records of each run that is missing; empty: as many as usual',
        )
    return params


@task
def missing(pipeline: str, settled: str, params=None):
    """One call of extract for each instant that settle found."""
    records = (params or {}).get('records')
    asked = {} if records is None else {'records': records}
    return [json.dumps({'pipeline': pipeline, 'instant': run, **asked}) for run in json.loads(settled)['instants']]


@task.sensor(mode='reschedule', poke_interval=MANIFEST['pollSeconds'], timeout=30 * 60)
def absorbed(pipeline: str, settled: str):
    """Whether the tables have what was missing."""
    runs = json.loads(settled)['instants']
    return ask('inspect', {'question': 'absorbed', 'pipeline': pipeline, 'runs': runs})['absorbed']


@task
def reconcile(pipeline: str, settled: str):
    """Whether everything of the interval is where it should be."""
    looked = json.loads(settled)
    totals = ask('reconcile', {'pipeline': pipeline, 'from': looked['from'], 'until': looked['until']})['totals']
    if totals['unbalanced'] or totals['missing']:
        raise ValueError(f'{totals["unbalanced"]} runs do not balance, {totals["missing"]} are missing')
    return totals


for pipeline in MANIFEST['pipelines']:
    with DAG(
        dag_id=f'settle-{pipeline["name"]}',
        description='runs the missing instants of a day, waits for the tables, and says whether all is there',
        schedule=CronDataIntervalTimetable(pipeline['settle'], timezone='UTC'),
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        # A run looks back a day by itself: one that was missed is made up for by the next.
        catchup=False,
        max_active_runs=1,
        params=form(pipeline),
        on_failure_callback=notify(pipeline['name']),
        default_args=PATIENT,
        tags=['millrace', pipeline['name']],
    ):
        settle = LambdaInvokeFunctionOperator(
            task_id='settle',
            function_name='millrace-settle',
            payload=f'{{"pipeline": "{pipeline["name"]}", "dryRun": true, "from": {FROM}, "to": {TO}}}',
            **CALL,
        )
        extract = LambdaInvokeFunctionOperator.partial(
            task_id='extract',
            function_name='millrace-extract',
            # As many as the step lets work at once.
            max_active_tis_per_dag=2,
            **CALL,
        ).expand(payload=missing(pipeline['name'], settle.output))
        relay = LambdaInvokeFunctionOperator(
            task_id='relay',
            function_name='millrace-relay',
            payload=json.dumps({'pipeline': pipeline['name']}),
            # Nothing missing: extract is skipped.
            trigger_rule='none_failed',
            **CALL,
        )
        settled = pipeline['name'], settle.output
        chain(extract, relay, absorbed(*settled), reconcile(*settled))
