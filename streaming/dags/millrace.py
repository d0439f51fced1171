"""How the DAGs call the steps, and what their forms have in common. Airflow finds no DAG in here."""

import json
import logging
from datetime import timedelta
from pathlib import Path

from airflow.providers.amazon.aws.hooks.lambda_function import LambdaHook
from airflow.sdk import Param, get_current_context
from botocore.config import Config

MANIFEST = json.loads((Path(__file__).parent / 'manifest.json').read_text(encoding='utf-8'))
if MANIFEST['schema'] != 3:
    raise ValueError(f'manifest.json: expected schema 3, got {MANIFEST["schema"]}; the other half is still on its way')

# Whom AWS knows this process as, with no connection to set up. Longer than a step may take: botocore's own retry would
# be a second call of one that still runs.
CALL = {
    'aws_conn_id': None,
    'botocore_config': {'read_timeout': 310, 'retries': {'max_attempts': 0}},
}

# Steps may be repeated; a busy one (429) is free again a little later.
PATIENT = {
    'retries': MANIFEST['retries'],
    'retry_delay': timedelta(seconds=MANIFEST['retrySeconds']),
    'retry_exponential_backoff': True,
}


def ask(step, event):
    """What a step answers; what it refuses fails the task."""
    hook = LambdaHook(aws_conn_id=None, config=Config(**CALL['botocore_config']))
    reply = hook.invoke_lambda(function_name=f'millrace-{step}', payload=json.dumps(event).encode())
    answer = json.loads(reply['Payload'].read())
    if 'FunctionError' in reply:
        raise ValueError(answer['errorMessage'])
    # People's data stays out of Airflow's database and logs, where erase does not look.
    shown = {name: value for name, value in answer.items() if name != 'sample'}
    logging.getLogger(__name__).info('%s answers %s', step, json.dumps(shown))
    return shown


def ask_on(step, event, later):
    """Every answer of a step until it is done; each says where the next call goes on."""
    answers = [ask(step, event)]
    while answers[-1].get('cursor') is not None:
        answers.append(ask(step, {**later, 'cursor': answers[-1]['cursor']}))
    return answers


def moment(title):
    """A field of a form for a time, which Airflow itself would take for any text."""
    return Param(
        None,
        type=['null', 'string'],
        format='date-time',
        pattern=r'^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$',
        title=title,
    )


def text(title, **schema):
    return Param(None, type=['null', 'string'], title=title, **schema)


def apply():
    """Nothing is changed by who only looks."""
    return Param(False, type='boolean', title='Do it; otherwise only what would be done is said')


def sent():
    """What the form says, and who sent it when."""
    context = get_current_context()
    run = context['dag_run']
    return context['params'], f'airflow: {run.triggering_user_name or run.run_type}', run.run_after.isoformat()
