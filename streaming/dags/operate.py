"""The operator's verbs as forms, of each pipeline: what they find or would do is what their tasks answer."""

from airflow.sdk import DAG, Param, chain, task

from millrace import MANIFEST, PATIENT, apply, ask, ask_on, moment, sent, text
from notify import notify

# A rebuild goes on by itself; each call looks at it for so long.
LOOK_SECONDS = 240


def opened(verb, pipeline, description, params):
    """A DAG that runs only when a person starts it."""
    return DAG(
        dag_id=f'{verb}-{pipeline}',
        description=description,
        schedule=None,
        max_active_runs=1,
        params=params,
        on_failure_callback=notify(pipeline),
        default_args=PATIENT,
        tags=['millrace', pipeline, 'form'],
    )


# A second try would be a second redrive.
@task(retries=0)
def redrive(pipeline: str):
    """Sends the dead letters that the form names on their way again."""
    form, who, _ = sent()
    known = {'pipeline': pipeline, 'who': who, 'dryRun': not form['apply']}
    named = {name: form[name] for name in ('at', 'reason', 'run', 'identities', 'since', 'until') if form[name]}
    event = {**known, 'limit': form['limit'], 'rate': form['rate'], 'filter': {**named, 'parked': form['parked']}}
    return ask_on('redrive', event, known)[-1]


@task.short_circuit
def applied(answer: dict):
    """Whether there is something to wait for."""
    return not answer['dryRun']


@task.sensor(mode='reschedule', poke_interval=MANIFEST['pollSeconds'], timeout=30 * 60)
def absorbed(pipeline: str, answer: dict):
    """Whether the tables have what was sent."""
    return ask('inspect', {'question': 'absorbed', 'pipeline': pipeline, 'runs': [answer['run']]})['absorbed']


@task
def reconcile(pipeline: str, answer: dict):
    """Whether the run balances; what died again is back among the dead letters."""
    totals = ask('reconcile', {'pipeline': pipeline, 'runs': [answer['run']]})['totals']
    if totals['unbalanced']:
        raise ValueError(f'{answer["run"]} does not balance: npm run reconcile says why')
    return totals


@task
def compare(pipeline: str):
    """Key by key: whether every row of landing is in every table, at its version."""
    form, _, now = sent()
    # Every answer looks at the same interval.
    asked = {'pipeline': pipeline, 'deep': True, 'until': form['until'] or now}
    if form['from']:
        asked['from'] = form['from']
    answers = ask_on('reconcile', asked, asked)
    astray = [row for answer in answers for row in answer['astray']]
    if astray:
        raise ValueError(f'{len(astray)} records are not in every table: npm run reconcile -- --deep --repair')
    return {'compared': sum(answer['compared'] for answer in answers), 'astray': 0}


@task(retries=0)
def erase(pipeline: str):
    """Removes everything about the records that the form names; without `apply`, only says where they are."""
    form, who, _ = sent()
    event = {'pipeline': pipeline, 'keys': form['keys'], 'dryRun': not form['apply'], 'who': who}
    answer = ask_on('erase', event, event)[-1]
    if answer.get('unknown'):
        raise ValueError(f'{len(answer["unknown"])} of the keys are known nowhere; nothing was changed')
    return answer


@task(retries=0)
def rebuild(pipeline: str):
    """Replays into a new table what the topic still holds from before it."""
    form, who, _ = sent()
    known = {'pipeline': pipeline, 'table': form['table'], 'who': who, 'dryRun': not form['apply']}
    return ask_on('rebuild', {**known, 'rate': form['rate']}, {**known, 'seconds': LOOK_SECONDS})[-1]


for pipeline in MANIFEST['pipelines']:
    name = pipeline['name']

    with opened(
        'redrive',
        name,
        'sends dead letters on their way again, once their cause is gone',
        {
            'at': text('Where they died', examples=MANIFEST['nouns']),
            'reason': text('Why they died, as npm run dead -- list shows it'),
            'run': text('The run they are of'),
            'identities': Param(None, type=['null', 'array'], items={'type': 'string'}, title='These letters'),
            'since': moment('Died at or after'),
            'until': moment('Died before'),
            'parked': Param(False, type='boolean', title='Those that are parked, and not the open ones'),
            'limit': Param(100_000, type='integer', minimum=1, maximum=1_000_000, title='Letters at most'),
            'rate': Param(1000, type='integer', minimum=1, maximum=10_000, title='Records a second at most'),
            'apply': apply(),
        },
    ):
        answer = redrive(name)
        chain(applied(answer), absorbed(name, answer), reconcile(name, answer))

    with opened(
        'reconcile-deep',
        name,
        'compares the rows of landing with those of every table, key by key',
        {
            'from': moment('First moment looked at; empty: a day before the end'),
            'until': moment('Moments before this one; empty: now'),
        },
    ):
        compare(name)

    with opened(
        'erase',
        name,
        'removes everything about some records, for ever; Airflow itself keeps this form until its run is deleted',
        {
            'keys': Param([], type='array', items={'type': 'string'}, title=f'Values of {pipeline["key"]}'),
            'apply': apply(),
        },
    ):
        erase(name)

    with opened(
        'rebuild',
        name,
        'fills a table that came later than the records, from what the topic still holds',
        {
            'table': Param(pipeline['tables'][0], enum=pipeline['tables'], title='The table'),
            'rate': Param(2000, type='integer', minimum=1, maximum=20_000, title='Records a second at most'),
            'apply': apply(),
        },
    ):
        rebuild(name)
