"""Starts LocalStack where only this machine reaches it: its server listens on every address, whichever it is told."""

import functools
import runpy

from twisted.internet import endpoints

endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface='127.0.0.1')
runpy.run_module('localstack.runtime.main', run_name='__main__')
