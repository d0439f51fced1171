"""Whoever is to know hears of a run that failed: a step keeps it, and its alarm tells."""

import json

from airflow.providers.amazon.aws.hooks.lambda_function import LambdaHook


def notify(pipeline=None):
    """What a DAG calls when a run of it has failed; one without a pipeline is about all of them."""

    def tell(context):
        event = {
            'pipeline': pipeline,
            'dag': context['dag'].dag_id,
            'run': context['run_id'],
            'why': context.get('reason'),
        }
        LambdaHook(aws_conn_id=None).invoke_lambda(
            function_name='millrace-notify', invocation_type='Event', payload=json.dumps(event).encode()
        )

    return tell
