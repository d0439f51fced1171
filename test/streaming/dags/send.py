"""Sends forms: runs single tasks of the DAGs as Airflow would, with answers that are given instead of the steps'."""

import copy
import json
import sys
from datetime import datetime, timezone
from io import BytesIO
from types import SimpleNamespace

from airflow.dag_processing.dagbag import BundleDagBag

bag = BundleDagBag(sys.argv[1], bundle_path=sys.argv[1], bundle_name='dags-folder')

import millrace  # noqa: E402, I001  (it lies beside the DAGs)


def send(case):
    """What a task calls, and what it answers or says."""
    dag, answers, calls = bag.dags[case['dag']], iter(case['answers']), []

    class Steps:
        def __init__(self, **_):
            pass

        def invoke_lambda(self, *, function_name, payload):
            calls.append([function_name, json.loads(payload)])
            return {'Payload': BytesIO(json.dumps(next(answers)).encode())}

    at = datetime(2026, 11, 24, 18, tzinfo=timezone.utc)
    run = SimpleNamespace(triggering_user_name='ada', run_type='manual', run_after=at)
    try:
        # As the form is checked when it is sent.
        params = copy.deepcopy(dag.params)
        params.update(case['form'])
        form = params.validate()
        millrace.LambdaHook = Steps
        millrace.get_current_context = lambda: {'params': form, 'dag_run': run}
        one = dag.get_task(case['task'])
        named = [value for value in one.op_args if isinstance(value, str)]
        value = one.python_callable(*named, *case.get('given', []))
        return {'calls': calls, 'value': value}
    except Exception as error:  # noqa: BLE001
        return {'calls': calls, 'error': str(error)}


print(json.dumps([send(case) for case in json.loads(sys.stdin.read())], default=str))  # noqa: T201
