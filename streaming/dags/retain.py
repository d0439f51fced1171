"""The days of landing as a form: what each holds, and which are due. The schedule drops those by itself, every hour."""

from airflow.sdk import DAG, task

from millrace import PATIENT, ask, consent, sent
from notify import notify


@task
def days():
    """What the days hold; those that are due go when the form says so."""
    form, who, _ = sent()
    answer = ask('retain', {'dryRun': not form['apply'], 'who': who})
    owed = [day['day'] for day in answer['days'] if day['verdict'] == 'owed']
    if owed:
        raise ValueError(f'{", ".join(owed)}: due, and not all of it is in the tables: npm run reconcile says why')
    return answer


with DAG(
    dag_id='retain',
    description='says what the days of landing hold, and drops those that are due',
    schedule=None,
    max_active_runs=1,
    params={'apply': consent('Do it; otherwise only what would be done is said')},
    on_failure_callback=notify(),
    default_args=PATIENT,
    tags=['millrace', 'form'],
):
    days()
