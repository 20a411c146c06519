# TChannel interop peer: scenario runner on the reference Python implementation.
# usage: python client.py HOST:PORT [--only NAME[,NAME..]] [--skip NAME[,NAME..]] [--skip-own-faults] [--limit SECONDS]
#        [--service NAME] [--verbose], or --list
# Prints one JSON line per scenario: {"name":..,"ok":true|false,"detail":..,"ms":..}
# Exit status 0 when every scenario that ran is ok.
import argparse
import hashlib
import json
import logging
import os
import sys
import time
from collections import OrderedDict
from datetime import timedelta

from tornado import gen
from tornado.ioloop import IOLoop

from tchannel import TChannel, Response, errors, thrift
from tchannel.event import EventHook
from tchannel.messages.cancel import CancelMessage
from tchannel.messages.claim import ClaimMessage
from tchannel.messages.types import Types
from tchannel.tornado.stream import InMemStream

HERE = os.path.dirname(os.path.abspath(__file__))

cli = argparse.ArgumentParser()
cli.add_argument('target', nargs='?')
cli.add_argument('--only', default='')
cli.add_argument('--skip', default='')
cli.add_argument('--list', action='store_true')
cli.add_argument('--skip-own-faults', action='store_true')
cli.add_argument('--service', default='echo')
cli.add_argument('--limit', type=float, default=15.0, help='seconds a scenario may take')
cli.add_argument('--verbose', action='store_true')
opts = cli.parse_args()
logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if opts.verbose else logging.CRITICAL)

CSUM = OrderedDict([('none', 0), ('crc32', 1), ('crc32c', 3), ('farmhash', 2)])

# the library defines these messages but never gave them a type code
CancelMessage.message_type = Types.CANCEL
ClaimMessage.message_type = Types.CLAIM


def pattern(n):
    return bytes((i * 31 + 7) % 251 for i in range(n))


def as_bytes(value):
    return value.encode('utf8') if isinstance(value, str) else (value or b'')


class CheckFailed(Exception):
    pass


def check(cond, what):
    if not cond:
        raise CheckFailed('check failed: ' + what)


def describe(exc):
    return {'type': type(exc).__name__, 'code': getattr(exc, 'code', None), 'message': str(exc)}


class ChecksumChoice(EventHook):
    def __init__(self):
        self.kind = None

    def before_send_request(self, request):
        if self.kind is not None:
            request.checksum = (self.kind, 0)


class Client(object):
    def __init__(self):
        self.chan = TChannel('interop-client', process_name='interop-python-client')
        self.csum = ChecksumChoice()
        self.chan.hooks.register(self.csum)

        @self.chan.raw.register('echo')
        def echo(request):
            return Response(request.body, request.headers)

    def raw(self, endpoint, headers=b'', body=b'', csum=None, **kw):
        self.csum.kind = csum
        args = dict(service=opts.service, hostport=opts.target, timeout=5, retry_on='n')
        args.update(kw)
        return self.chan.raw(endpoint=endpoint, headers=headers, body=body, **args)

    @gen.coroutine
    def connection(self):
        conn = yield self.chan._dep_tchannel.peers.get(opts.target).connect()
        raise gen.Return(conn)

    @gen.coroutine
    def stream(self, endpoint, chunks2, chunks3, csum=None, gap=0.01):
        self.csum.kind = csum
        if chunks2 or chunks3:
            # Sent while connecting, the arguments may be complete before the call is: no stream then.
            yield self.connection()
        arg2, arg3 = InMemStream(auto_close=False), InMemStream(auto_close=False)
        operation = self.chan._dep_tchannel.request(hostport=opts.target, service=opts.service, arg_scheme='raw', retry='n')
        pending = operation.send(endpoint, arg2, arg3, ttl=5)
        for stream, chunks in ((arg2, chunks2), (arg3, chunks3)):
            for chunk in chunks:
                yield gen.sleep(gap)
                yield stream.write(chunk)
            stream.close()
        response = yield pending
        got2 = yield self.drain(response.get_header_s())
        got3 = yield self.drain(response.get_body_s())
        raise gen.Return((response, got2, got3))

    @staticmethod
    @gen.coroutine
    def drain(stream):
        chunks = []
        chunk = yield stream.read()
        while chunk:
            chunks.append(chunk)
            chunk = yield stream.read()
        raise gen.Return(chunks)

    def close(self):
        self.chan.close()


scenarios = OrderedDict()


def own_fault(name):
    # What this client gets wrong by itself whatever the server does: farmhash is not
    # implemented, and exactly 2 bytes left after arg2 yields a fourth argument.
    return name.startswith('raw-echo-farmhash') or name == 'boundary-arg2-left2'


def scenario(name):
    def keep(fn):
        scenarios[name] = gen.coroutine(fn)
        return fn
    return keep


@gen.coroutine
def expect_error(future, kind):
    try:
        res = yield future
    except kind as exc:
        raise gen.Return(describe(exc))
    raise CheckFailed('expected %s, got a response: %r' % (kind.__name__, getattr(res, 'body', res)))


@scenario('init')
def s_init(c):
    conn = yield c.connection()
    return {'remote': '%s:%s' % (conn.remote_host, conn.remote_host_port), 'process_name': conn.remote_process_name, 'version': conn.requested_version}


@scenario('ping')
def s_ping(c):
    # The library can send a ping but gives no way to see the answer.
    conn = yield c.connection()
    yield conn.ping()
    r = yield c.raw('echo', b'a', b'after ping')
    check(as_bytes(r.body) == b'after ping', 'still usable')


@gen.coroutine
def echo(c, arg2, arg3, **kw):
    r = yield c.raw('echo', arg2, arg3, **kw)
    check(r.status == 0, 'status')
    check(as_bytes(r.headers) == arg2, 'arg2 echoed, got %d bytes for %d' % (len(as_bytes(r.headers)), len(arg2)))
    check(as_bytes(r.body) == arg3, 'arg3 echoed, got %d bytes for %d' % (len(as_bytes(r.body)), len(arg3)))
    raise gen.Return(r)


def sized(name, kind, size):
    def run(c):
        yield echo(c, b'h', pattern(size), csum=kind)
    scenario('raw-echo-%s-%d' % (name, size))(run)


for csum_name, csum_kind in CSUM.items():
    def plain(c, kind=csum_kind):
        r = yield echo(c, b'head', b'hello world', csum=kind)
        return {'scheme': r.transport.scheme}
    scenario('raw-echo-' + csum_name)(plain)
    for csum_size in (0, 1, 100, 65535, 65536, 100000, 262144, 1048576):
        sized(csum_name, csum_kind, csum_size)


def pair(a, b):
    def run(c):
        yield echo(c, pattern(a), pattern(b))
    scenario('raw-echo-arg2-%d-arg3-%d' % (a, b))(run)


for first, second in ((0, 0), (0, 1), (1, 0), (1, 1), (70000, 0), (70000, 5), (5, 70000), (70000, 70000), (200000, 300000)):
    pair(first, second)


def first_frame_room(arg1):
    headers = {'as': 'raw', 'cn': 'interop-client', 're': 'n'}
    size = 1 + sum(2 + len(k) + len(v) for k, v in headers.items())
    return 65535 - (16 + 1 + 4 + 25 + 1 + len(opts.service) + size + 1 + 4 + 2 + len(arg1))


def boundary(left):
    tag = 'over%d' % -left if left < 0 else 'left%d' % left

    def arg3(c):
        yield echo(c, b'', pattern(first_frame_room('echo') - 4 - left), timeout=1.5)

    def arg2(c):
        yield echo(c, pattern(first_frame_room('echo') - 2 - left), b'tail', timeout=1.5)
    scenario('boundary-arg3-' + tag)(arg3)
    scenario('boundary-arg2-' + tag)(arg2)


for spare in (3, 2, 1, 0, -1):
    boundary(spare)


@scenario('app-error')
def s_app_error(c):
    r = yield c.raw('app-error', b'h', b'it failed')
    check(r.status == 1 and as_bytes(r.body) == b'it failed', 'status 1 and body')
    return {'status': r.status}


def system_error(name, kind):
    def run(c):
        d = yield expect_error(c.raw(name, b'', b'because'), kind)
        check(d['code'] == kind.code, 'code %r' % d)
        return d
    scenario(name)(run)


for err_name, err_kind in (
    ('sys-timeout', errors.TimeoutError), ('sys-cancelled', errors.CanceledError), ('sys-busy', errors.BusyError),
    ('sys-declined', errors.DeclinedError), ('sys-unexpected', errors.UnexpectedError),
    ('sys-badrequest', errors.BadRequestError), ('sys-network', errors.NetworkError),
    ('sys-unhealthy', errors.UnhealthyError), ('sys-protocol', errors.FatalProtocolError),
):
    system_error(err_name, err_kind)


@scenario('unknown-endpoint')
def s_unknown_endpoint(c):
    d = yield expect_error(c.raw('no-such-endpoint'), errors.BadRequestError)
    return d


@scenario('unknown-service')
def s_unknown_service(c):
    d = yield expect_error(c.raw('echo', service='no-such-service'), errors.BadRequestError)
    return d


@scenario('sleep')
def s_sleep(c):
    r = yield c.raw('sleep', b'', b'100')
    check(as_bytes(r.body) == b'slept 100', 'body')


@scenario('timeout')
def s_timeout(c):
    d = yield expect_error(c.raw('sleep', b'', b'1500', timeout=0.3), errors.TimeoutError)
    return d


@scenario('timeout-then-late-response')
def s_late(c):
    d = yield expect_error(c.raw('sleep', b'', b'600', timeout=0.2), errors.TimeoutError)
    yield gen.sleep(0.7)
    yield echo(c, b'a', b'still usable')
    return d


@scenario('never')
def s_never(c):
    d = yield expect_error(c.raw('never', timeout=0.3), errors.TimeoutError)
    return d


@scenario('drop')
def s_drop(c):
    d = yield expect_error(c.raw('drop', timeout=2), errors.NetworkError)
    return d


def big(n):
    def run(c):
        r = yield c.raw('big', b'', b'%d' % n)
        check(as_bytes(r.body) == pattern(n), 'pattern')
    scenario('big-%d' % n)(run)


for amount in (0, 1, 65535, 1048576):
    big(amount)


@scenario('sha256')
def s_sha(c):
    a, b = pattern(123456), pattern(345678)
    r = yield c.raw('sha256', a, b)
    check(as_bytes(r.headers).decode() == hashlib.sha256(a).hexdigest(), 'arg2 digest')
    check(as_bytes(r.body).decode() == hashlib.sha256(b).hexdigest(), 'arg3 digest')


@scenario('inspect')
def s_inspect(c):
    r = yield c.raw('inspect', b'x', b'yy')
    return json.loads(as_bytes(r.body).decode('utf8'))


@scenario('transport-headers')
def s_headers(c):
    r = yield c.raw('inspect', shard_key='shard-7', routing_delegate='delegate')
    seen = json.loads(as_bytes(r.body).decode('utf8'))['headers']
    check(seen['sk'] == 'shard-7' and seen['rd'] == 'delegate', 'headers seen')
    return seen


@scenario('reverse')
def s_reverse(c):
    r = yield c.raw('reverse', b'echo', b'there and back')
    check(as_bytes(r.body) == b'there and back', 'body')


@scenario('concurrent-200')
def s_concurrent(c):
    jobs, bodies = [], []
    for i in range(200):
        bodies.append(pattern(150000 if i % 20 == 0 else i))
        jobs.append(c.raw('echo', b'', bodies[i], timeout=12) if i % 3 else c.raw('sleep', b'', b'20', timeout=12))
    results = yield jobs
    for i, r in enumerate(results):
        if i % 3:
            check(as_bytes(r.body) == bodies[i], 'body %d' % i)


@scenario('stream-echo')
def s_stream(c):
    _, got2, got3 = yield c.stream('stream', [b'he', b'ad'], [b'one', b'two', b'three'])
    check(b''.join(got2) == b'head' and b''.join(got3) == b'onetwothree', 'args %r %r' % (got2, got3))
    return {'arg3chunks': [len(x) for x in got3]}


@scenario('stream-echo-large')
def s_stream_large(c):
    body = pattern(300000)
    _, _, got3 = yield c.stream('stream', [], [body[:100000], body[100000:100001], body[100001:]])
    check(b''.join(got3) == body, 'arg3')
    return {'arg3chunks': [len(x) for x in got3]}


@scenario('stream-echo-none')
def s_stream_none(c):
    _, _, got3 = yield c.stream('stream', [b'a'], [b'b', b'c'], csum=0)
    check(b''.join(got3) == b'bc', 'arg3')


@scenario('stream-echo-empty')
def s_stream_empty(c):
    _, got2, got3 = yield c.stream('stream', [], [])
    check(not got2 and not got3, 'empty')


@scenario('stream-out')
def s_stream_out(c):
    _, _, got3 = yield c.stream('stream-out', [], [json.dumps({'chunks': 4, 'size': 1000, 'delay': 30}).encode()])
    check(len(b''.join(got3)) == 4000, 'bytes')
    return {'arg3chunks': [len(x) for x in got3]}


@scenario('stream-in')
def s_stream_in(c):
    _, _, got3 = yield c.stream('stream-in', [], [pattern(10), pattern(20), pattern(30)])
    seen = json.loads(b''.join(got3).decode('utf8'))
    check(seen['bytes'] == 60 and seen['sha256'] == hashlib.sha256(pattern(10) + pattern(20) + pattern(30)).hexdigest(), 'digest')
    return seen


@scenario('stream-error')
def s_stream_error(c):
    d = yield expect_error(c.stream('stream-error', [], [b'x']), errors.UnexpectedError)
    return d


@scenario('cancel')
def s_cancel(c):
    conn = yield c.connection()
    pending = c.raw('sleep', b'', b'400', timeout=2)
    yield gen.sleep(0.05)
    yield conn.writer.put(CancelMessage(ttl=1000, why='no longer wanted', id=conn.writer._id_sequence))
    try:
        r = yield pending
    except errors.TChannelError as exc:
        return {'afterCancel': 'error', 'error': describe(exc)}
    return {'afterCancel': 'response', 'arg3': as_bytes(r.body).decode('utf8')}


@scenario('claim')
def s_claim(c):
    conn = yield c.connection()
    yield conn.writer.put(ClaimMessage(ttl=1000))
    yield echo(c, b'a', b'still usable')


@scenario('json-echo')
def s_json(c):
    r = yield c.chan.json(service=opts.service, endpoint='json-echo', headers={'who': 'me'},
                          body={'n': 1, 'list': [1, 'two', None], 'text': u'h\u00e9llo'}, hostport=opts.target, timeout=5, retry_on='n')
    check(r.body['text'] == u'h\u00e9llo' and r.body['list'][2] is None and r.headers['who'] == 'me', 'body')
    return {'head': r.headers, 'scheme': r.transport.scheme}


@scenario('json-null-head')
def s_json_null(c):
    r = yield c.chan.json(service=opts.service, endpoint='json-echo', body='just a string', hostport=opts.target, timeout=5, retry_on='n')
    check(r.body == 'just a string', 'body')
    return {'head': r.headers}


@scenario('json-error')
def s_json_error(c):
    r = yield c.chan.json(service=opts.service, endpoint='json-error', body={'q': 1}, hostport=opts.target, timeout=5, retry_on='n')
    check(r.status == 1, 'status 1')
    return {'type': r.body.get('type'), 'message': r.body.get('message')}


idl = thrift.load(path=os.path.join(HERE, '..', 'idl', 'keyvalue.thrift'), service=opts.service, hostport=opts.target)


@scenario('thrift-set-get')
def s_thrift(c):
    key = 'k%d' % os.getpid()
    s = yield c.chan.thrift(idl.KeyValue.setValue(key=key, value='v1'), timeout=5, retry_on='n')
    check(s.body is None, 'void')
    g = yield c.chan.thrift(idl.KeyValue.getValue(key=key), headers={'h1': 'a', 'h2': ''}, timeout=5, retry_on='n')
    check(g.body == 'v1', 'get')
    return {'head': g.headers}


@scenario('thrift-set')
def s_thrift_set(c):
    yield c.chan.thrift(idl.KeyValue.setValue(key='k', value='v'), timeout=5, retry_on='n')


@scenario('thrift-notfound')
def s_thrift_missing(c):
    try:
        yield c.chan.thrift(idl.KeyValue.getValue(key='missing'), timeout=5, retry_on='n')
    except idl.NotFoundError as exc:
        check(exc.key == 'missing', 'key')
        return {'exception': 'NotFoundError', 'key': exc.key}
    raise CheckFailed('expected NotFoundError')


@scenario('thrift-health')
def s_thrift_health(c):
    from tchannel.health import Meta
    import tchannel.health as health
    module = thrift.load(path=os.path.join(os.path.dirname(health.__file__), 'meta.thrift'), service=opts.service, hostport=opts.target)
    r = yield c.chan.thrift(module.Meta.health(), timeout=5, retry_on='n')
    check(r.body.ok is True, 'healthy')
    return {'ok': r.body.ok, 'message': r.body.message}


@scenario('thrift-bad-scheme')
def s_thrift_scheme(c):
    d = yield expect_error(c.raw('KeyValue::getValue', b'', b'x'), errors.BadRequestError)
    return d


typed, newer, older = [
    thrift.load(path=os.path.join(HERE, '..', 'idl', name + '.thrift'), service=opts.service, hostport=opts.target)
    for name in ('typed', 'newer', 'older')
]


def shapes(c, request, **kw):
    return c.chan.thrift(request, timeout=5, retry_on='n', **kw)


def full():
    return typed.Everything(
        flag=False, small=5, middling=-300, number=70000, large=-5000000000, ratio=0.5, text=u'h\u00e9llo',
        bytes=b'\x00\xff', level=typed.Level.HIGH, words=['', 'two'], numbers={1, 2},
        inners={'a': typed.Inner(name='b', level=typed.Level.LOW)}, inner=typed.Inner(name=''))


@scenario('typed-values')
def s_typed_values(c):
    for request in (typed.Shapes.echo(value=full()), typed.Shapes.full()):
        r = yield shapes(c, request, headers={'h': '1'})
        check(r.body == full(), 'value %r' % r.body)
        check(r.headers == {'h': '1'}, 'headers %r' % r.headers)


@scenario('typed-void')
def s_typed_void(c):
    r = yield shapes(c, typed.Shapes.nothing())
    check(r.body is None, 'nothing')


@scenario('typed-empty')
def s_typed_empty(c):
    for request, empty in ((typed.Shapes.words(count=0), []), (typed.Shapes.no(), False), (typed.Shapes.zero(), 0),
                           (typed.Shapes.fail(how=''), '')):
        r = yield shapes(c, request)
        check(r.body == empty and r.body is not None, 'empty %r' % r.body)


@scenario('typed-exceptions')
def s_typed_exceptions(c):
    for how, kind, fields in (('notFound', typed.NotFoundError, {'key': 'the key'}),
                              ('tooMany', typed.TooManyError, {'limit': 0, 'hint': ''})):
        try:
            yield shapes(c, typed.Shapes.fail(how=how))
        except kind as exc:
            got = {name: getattr(exc, name) for name in fields}
            check(got == fields, '%s %r' % (how, got))
        else:
            raise CheckFailed('expected ' + how)


@scenario('typed-undeclared')
def s_typed_undeclared(c):
    d = yield expect_error(shapes(c, typed.Shapes.fail(how='badly')), errors.UnexpectedError)
    return d


@scenario('typed-newer')
def s_typed_newer(c):
    extra = newer.Extra(tables=[{'a': 1.5}], next=newer.Extra(tables=[]))
    value = newer.Everything(flag=True, text='t', extra=extra, tags={'x'})
    r = yield shapes(c, newer.Shapes.echo(value=value, twice=True))
    check(r.body == newer.Everything(flag=True, text='t'), 'fields that the other side does not know: %r' % r.body)
    try:
        yield shapes(c, newer.Shapes.fail(how='tooMany'))
    except newer.TooManyError as exc:
        check(exc.limit == 0, 'limit')
    else:
        raise CheckFailed('expected tooMany')


@scenario('typed-older')
def s_typed_older(c):
    r = yield shapes(c, older.Shapes.full())
    check(r.body == older.Everything(flag=False, text=u'h\u00e9llo', inner=older.Inner(name='')), 'value %r' % r.body)
    d = yield expect_error(shapes(c, older.Shapes.fail(how='tooMany')), Exception)
    return d


@gen.coroutine
def main():
    failed = 0
    names = [n for n in only or scenarios if n not in skip and not (opts.skip_own_faults and own_fault(n))]
    for name in names:
        start = time.time()
        client = Client()
        try:
            detail = yield gen.with_timeout(timedelta(seconds=opts.limit), scenarios[name](client), quiet_exceptions=Exception)
            out = {'name': name, 'ok': True, 'detail': detail}
        except Exception as exc:
            out = {'name': name, 'ok': False, 'detail': describe(exc)}
        client.close()
        out['ms'] = int((time.time() - start) * 1000)
        failed += not out['ok']
        sys.stdout.write(json.dumps(out, separators=(',', ':'), default=str) + '\n')
        sys.stdout.flush()
    raise gen.Return(1 if failed else 0)


if opts.list:
    print('\n'.join(scenarios))
    sys.exit(0)
only, skip = ([n for n in names.split(',') if n] for names in (opts.only, opts.skip))
unknown = [n for n in only + skip if n not in scenarios]
if unknown:
    sys.stderr.write('no such scenario: %s\n' % ', '.join(unknown))
    sys.exit(2)
if not opts.target:
    cli.print_usage(sys.stderr)
    sys.exit(2)
status = IOLoop.current().run_sync(main)
sys.stdout.flush()
os._exit(status)
