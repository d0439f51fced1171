"""Parses DAG files as Airflow would, with stand-ins for what they import; prints what they made."""

import builtins
import json
import runpy
import socket
import sys
import time
import types
from datetime import datetime, timedelta
from pathlib import Path

made = []
opened = []


class Recorded:
    """A DAG or an operator: keeps what it was made with; as a DAG it may be entered."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs
        made.append(self)

    def __enter__(self):
        opened.append(self)
        return self

    def __exit__(self, *_):
        opened.pop()


class Dag(Recorded):
    pass


class Timetable(Recorded):
    pass


class Operator(Recorded):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dag = opened[-1].kwargs['dag_id']


def stand_in(name, **names):
    parts = name.split('.')
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault('.'.join(parts[:end]), types.ModuleType('.'.join(parts[:end])))
    sys.modules[name].__dict__.update(names)


def refuse(*_, **__):
    raise AssertionError('a DAG file reaches out while it is parsed')


stand_in('airflow.sdk', DAG=Dag)
stand_in('airflow.timetables.interval', CronDataIntervalTimetable=Timetable)
stand_in('airflow.providers.amazon.aws.operators.lambda_function', LambdaInvokeFunctionOperator=Operator)
socket.socket = refuse
socket.getaddrinfo = refuse
really_open = builtins.open


def shown(value):
    if isinstance(value, Timetable):
        return {'timetable': value.args[0], **value.kwargs}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f'not deterministic, or not known: {value!r}')


started = time.process_time()
for file in sorted(Path(sys.argv[1]).glob('*.py')):
    runpy.run_path(str(file))
seconds = time.process_time() - started

print(  # noqa: T201
    json.dumps(
        {
            'seconds': seconds,
            'dags': [one.kwargs for one in made if isinstance(one, Dag)],
            'tasks': [{'dag': one.dag, **one.kwargs} for one in made if isinstance(one, Operator)],
        },
        default=shown,
    )
)
