# TChannel interop peer: records and replays cassettes with the reference Python implementation.
# usage: python cassette.py MODE PATH HOST:PORT CALLS [--service NAME] [--verbose]
# MODE is a record mode, CALLS a JSON list of calls, made one after the other within use_cassette:
#   {"scheme": "raw", "endpoint", "headers", "body"}   headers and body in hex
#   {"scheme": "json", "endpoint", "headers", "body"}  JSON values
#   {"scheme": "thrift", "method", "headers", "args"}  of idl/keyvalue.thrift
# Prints one JSON line per call, {"ok", "headers", "body"} in the form that the call has, or {"error"}.
import argparse
import json
import logging
import os
import sys

import yaml
from tornado import gen
from tornado.ioloop import IOLoop

from tchannel import TChannel, thrift
from tchannel.testing import vcr
from tchannel.testing.vcr import yaml as vcr_yaml

HERE = os.path.dirname(os.path.abspath(__file__))

cli = argparse.ArgumentParser()
cli.add_argument('mode')
cli.add_argument('path')
cli.add_argument('target')
cli.add_argument('calls', type=json.loads)
cli.add_argument('--service', default='echo')
cli.add_argument('--verbose', action='store_true')
opts = cli.parse_args()
logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if opts.verbose else logging.CRITICAL)

if yaml.__version__ >= '6':
    # PyYAML 6 has to be told a loader, and tchannel 2.1.0 tells none.
    vcr_yaml.load = lambda text: yaml.load(text, Loader=yaml.FullLoader)

chan = TChannel('cassette-client', process_name='interop-python-cassette')
idl = thrift.load(path=os.path.join(HERE, '..', 'idl', 'keyvalue.thrift'), service=opts.service, hostport=opts.target)


def to_hex(value):
    return (value.encode('utf8') if isinstance(value, str) else (value or b'')).hex()


@gen.coroutine
def make(call):
    if call['scheme'] == 'raw':
        r = yield chan.raw(opts.service, call['endpoint'], bytes.fromhex(call['body']), bytes.fromhex(call['headers']),
                           timeout=5, retry_on='n', hostport=opts.target)
        raise gen.Return({'ok': r.status == 0, 'headers': to_hex(r.headers), 'body': to_hex(r.body)})
    if call['scheme'] == 'json':
        r = yield chan.json(opts.service, call['endpoint'], call['body'], call['headers'],
                            timeout=5, retry_on='n', hostport=opts.target)
        raise gen.Return({'ok': r.status == 0, 'headers': r.headers, 'body': r.body})
    request = getattr(idl.KeyValue, call['method'])(**call['args'])
    try:
        r = yield chan.thrift(request, headers=call['headers'], timeout=5, retry_on='n')
    except idl.NotFoundError as exc:
        raise gen.Return({'ok': False, 'headers': {}, 'body': {'key': exc.key}})
    raise gen.Return({'ok': True, 'headers': r.headers, 'body': r.body})


@gen.coroutine
def main():
    with vcr.use_cassette(opts.path, record_mode=opts.mode):
        for call in opts.calls:
            try:
                outcome = yield make(call)
            except Exception as exc:
                outcome = {'error': '%s: %s' % (type(exc).__name__, exc)}
            print(json.dumps(outcome), flush=True)


IOLoop.current().run_sync(main)
