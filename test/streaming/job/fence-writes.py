"""The fence over a stand-in for the server; JSON out: what the server was told, in order, for each case."""

import json
import sys

from fence import Fence


class Server:
    """Notes what it is told; may be born anew while something is written."""

    def __init__(self, births):
        self.births = births
        self.told = []

    def write(self):
        self.told.append('write')
        if self.births:
            self.births.pop()

    def execute(self, statement):
        if statement == 'FENCE':
            self.told.append('fence')
        return self

    def close(self):
        pass

    def born(self, _session):
        return str(len(self.births))


def told(lag_seconds, births):
    server = Server(births)
    fence = object.__new__(Fence)
    fence.statement = 'FENCE'
    fence.lag_seconds = lag_seconds
    fence._open = lambda: server
    fence._born = server.born
    fence.behind(server.write)
    return server.told


if __name__ == '__main__':
    answers = {'managed': told(0, []), 'steady': told(0.001, []), 'reborn': told(0.001, ['once'])}
    sys.stdout.write(json.dumps(answers))
