"""Parses DAG files with Airflow itself, without its database and without the network; prints what they made."""

import json
import socket
import sys
import time
from unittest import mock

from airflow.dag_processing.dagbag import BundleDagBag

# What the files import is no matter of theirs: Airflow forks from a process that has it.
from airflow.providers.amazon.aws.hooks import lambda_function as hook
from airflow.providers.amazon.aws.operators import lambda_function as _operator  # noqa: F401
from airflow.serialization.serialized_objects import DagSerialization


def refuse(*_, **__):
    raise AssertionError('a DAG file reaches out while it is parsed')


def shown_task(one):
    """A mapped task keeps what it is made with apart."""
    made = {**one.partial_kwargs, 'mode': None} if one.is_mapped else vars(one)
    return {
        'id': one.task_id,
        'after': sorted(one.upstream_task_ids),
        'mapped': one.is_mapped,
        'function': made.get('function_name'),
        'payload': made.get('payload'),
        'connection': made.get('aws_conn_id'),
        'client': made.get('botocore_config'),
        'retries': one.retries,
        'most': made.get('max_active_tis_per_dag'),
        'mode': made.get('mode'),
    }


def told(dag):
    """What the DAG calls when a run of it has failed."""
    with mock.patch.object(hook.LambdaHook, 'invoke_lambda') as invoke:
        dag.on_failure_callback({'dag': dag, 'run_id': 'manual__1', 'reason': 'task_failure'})
    call = invoke.call_args.kwargs
    return {**call, 'payload': call['payload'].decode()}


def shown(dag):
    timetable = None if dag.schedule is None else dag.timetable.serialize()
    return {
        'id': dag.dag_id,
        'timetable': timetable,
        'catchup': dag.catchup,
        'tells': told(dag),
        'form': {name: dag.params.get_param(name).schema for name in dag.params},
        'tasks': [shown_task(one) for one in dag.tasks],
        'serialized': DagSerialization.serialize_dag(dag),
    }


socket.socket = refuse
socket.getaddrinfo = refuse

# The processor's time, not the clock's: others may be at work here.
started = time.process_time()
bag = BundleDagBag(sys.argv[1], bundle_path=sys.argv[1], bundle_name='dags-folder')
seconds = time.process_time() - started
answer = {
    'errors': bag.import_errors,
    'seconds': seconds,
    'dags': [shown(bag.dags[name]) for name in sorted(bag.dags)],
}

print(json.dumps(answer, default=str))  # noqa: T201
