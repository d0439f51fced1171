"""Cuts ranges and plays a replay against a clock of its own; prints what it did. No Spark runs here."""

import json
import sys
import threading

import replay
from replay import only, slices


class Audit:
    def __init__(self):
        self.said = []

    def rebuilt(self, _pipeline, rebuild, done):
        self.said.append([rebuild, done['replayed']])


class Stream:
    """A topic whose every message is there, but for as many as are missing from each part."""

    def __init__(self, clock, seconds, missing):
        self.pipeline = {'name': 'a', 'maxOffsetsPerTrigger': 20000}
        self.audit = Audit()
        self.done = {'replayed': 0}
        self.clock, self.seconds, self.missing = clock, seconds, missing

    def read(self, part):
        return part

    def carry(self, part):
        self.clock.now += self.seconds
        self.done['replayed'] += replay.size_of(part) - self.missing


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


class Stopping(threading.Event):
    """Waits on the clock; is set after so many waits."""

    def __init__(self, clock, after):
        super().__init__()
        self.clock, self.left = clock, after

    def wait(self, timeout=None):
        self.clock.now += timeout or 0
        self.left -= 1
        return self.left == 0


def play(rate, total, seconds=0.1, missing=0, stopped_after=-1):
    replay.time = clock = Clock()
    stream = Stream(clock, seconds, missing)
    rebuild = {'id': 3, 'table': 't', 'rate': rate}
    try:
        whole = replay.replay(stream, rebuild, {'0': [5, 5 + total]}, Stopping(clock, stopped_after))
    except ValueError as error:
        return {'error': str(error), 'said': stream.audit.said}
    return {'whole': whole, 'seconds': round(clock.now, 3), 'said': stream.audit.said}


def problem_of(table):
    try:
        return [each['name'] for each in only({'name': 'a', 'tables': [{'name': 't'}, {'name': 'u'}]}, table)['tables']]
    except ValueError as error:
        return str(error)


def main():
    asked = json.load(sys.stdin)
    return {
        'slices': [list(slices(one['ranges'], one['most'])) for one in asked['slices']],
        'plays': [play(**one) for one in asked['plays']],
        'only': [problem_of(table) for table in asked['tables']],
    }


if __name__ == '__main__':
    sys.stdout.write(json.dumps(main()))
