"""Plays queries that end in every way before the job's supervision; prints what it did. No Spark runs here."""

import json
import sys

import queries
from queries import StuckError, Supervised, starting_offsets, wait_seconds
from tally import ranges_of


class Audit:
    def __init__(self, said):
        self.said = said

    def started(self, _pipeline):
        self.said.append('started')

    def stopped(self, _pipeline, reason, _detail):
        self.said.append(f'stopped {reason}')


class Query:
    def __init__(self, error):
        self.error = error
        self.isActive = False

    def exception(self):
        return self.error


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


def play(ends, attempts, run_seconds=1):
    """One query whose starts end one after the other as `ends` says; answers what was said and when it was started."""
    said, starts, left = [], [], list(ends)
    queries.time = clock = Clock()

    def start():
        starts.append(clock.now)
        return Query(left.pop(0))

    supervised = Supervised({'name': 'a'}, start, Audit(said), attempts, lambda: 0)
    while left or supervised.query is not None:
        supervised.look()
        clock.now += run_seconds if supervised.query else 1
        if supervised.is_over:
            break
    return {'said': said, 'starts': starts, 'over': supervised.is_over, 'failed': supervised.has_failed}


def seconds_until_stuck():
    """A query whose batch never ends: after so many seconds the process is to end."""
    queries.time = clock = Clock()
    query = Query(None)
    query.isActive = True
    supervised = Supervised({'name': 'a'}, lambda: query, Audit([]), 1, lambda: clock.now)
    while True:
        try:
            supervised.look()
        except StuckError:
            return clock.now
        clock.now += 1


def main():
    asked = json.load(sys.stdin)
    pipeline = {'topic': 'a.v1', 'partitions': 3}
    return {
        'plays': [play(one['ends'], one.get('attempts') or float('inf'), one.get('runs', 1)) for one in asked['plays']],
        'stuck': seconds_until_stuck(),
        'waits': [wait_seconds(failures) for failures in (1, 2, 3, 7, 5000)],
        'offsets': json.loads(starting_offsets(pipeline, {'0': 12})),
        'ranges': ranges_of([9, 3, 4, 5, 7]),
    }


if __name__ == '__main__':
    sys.stdout.write(json.dumps(main()))
