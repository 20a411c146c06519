# TChannel interop peer: server side, on the reference Python implementation.
# usage: python server.py [--port N] [--service NAME] [--advertise HOST:PORT,..] [--until-eof] [--verbose]
# Prints {"listening":"127.0.0.1:PORT"} on stdout when ready, with --advertise once a router took the service. Stop with SIGTERM; with --until-eof also by closing stdin.
import argparse
import hashlib
import json
import logging
import os
import signal
import sys
import random
import threading

import opentracing
from opentracing.mocktracer import MockTracer
from opentracing.mocktracer.context import SpanContext
from opentracing.scope_managers.tornado import TornadoScopeManager
from tornado import gen
from tornado.ioloop import IOLoop

from tchannel import TChannel, Response, errors, thrift
from tchannel.tornado.dispatch import RequestDispatcher
from tchannel.tracing import ZIPKIN_SPAN_FORMAT

HERE = os.path.dirname(os.path.abspath(__file__))

cli = argparse.ArgumentParser()
cli.add_argument('--port', type=int, default=0)
cli.add_argument('--service', default='echo')
cli.add_argument('--advertise', default='')
cli.add_argument('--until-eof', action='store_true')
cli.add_argument('--verbose', action='store_true')
opts = cli.parse_args()
logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if opts.verbose else logging.CRITICAL)



class ZipkinTracer(MockTracer):
    """tchannel-python leaves tracing to an OpenTracing tracer. This one has zipkin's model, which is the protocol's:
    both sides of a call share one span."""

    def __init__(self):
        super(ZipkinTracer, self).__init__(TornadoScopeManager())
        self.register_propagator(ZIPKIN_SPAN_FORMAT, self)

    def _generate_id(self):
        return random.getrandbits(63) | 1

    def start_span(self, operation_name=None, child_of=None, references=None, tags=None, *args, **kwargs):
        span = super(ZipkinTracer, self).start_span(operation_name, child_of, references, tags, *args, **kwargs)
        received = getattr(child_of, 'received', None)
        if received is not None:
            span.context.span_id, span.parent_id = received.span_id, received.parent_id
        return span

    def inject(self, span, format, carrier):
        if format == ZIPKIN_SPAN_FORMAT:
            flags = int((span.context.baggage or {}).get('flags', '0'))
            carrier.update(trace_id=span.context.trace_id, span_id=span.context.span_id,
                           parent_id=span.parent_id, traceflags=flags)
        # Application headers carry no second copy.

    def extract(self, format, carrier):
        if format != ZIPKIN_SPAN_FORMAT:
            return None
        context = SpanContext(carrier.trace_id, carrier.span_id, {'flags': str(carrier.traceflags)})
        context.received = carrier
        return context


opentracing.tracer = ZipkinTracer()
chan = TChannel(opts.service, hostport='127.0.0.1:%d' % opts.port, process_name='interop-python-server')


def pattern(n):
    return bytes((i * 31 + 7) % 251 for i in range(n))


def raw_bytes(value):
    return value.encode('utf8') if isinstance(value, str) else (value or b'')


# ---- raw endpoints ---------------------------------------------------------
@chan.raw.register('echo')
def echo(request):
    return Response(request.body, request.headers)


@chan.raw.register('app-error')
def app_error(request):
    return Response(request.body, request.headers, status=1)


SYSTEM_ERRORS = {
    'sys-timeout': errors.TimeoutError,
    'sys-cancelled': errors.CanceledError,
    'sys-busy': errors.BusyError,
    'sys-declined': errors.DeclinedError,
    'sys-unexpected': errors.UnexpectedError,
    'sys-badrequest': errors.BadRequestError,
    'sys-network': errors.NetworkError,
    'sys-unhealthy': errors.UnhealthyError,
    'sys-protocol': errors.FatalProtocolError,
}


def system_error(name, kind):
    def handler(request):
        raise kind(raw_bytes(request.body).decode('utf8') or name)
    chan.raw.register(name)(handler)


for error_name, error_kind in SYSTEM_ERRORS.items():
    system_error(error_name, error_kind)


@chan.raw.register('crash')
def crash(request):
    raise ValueError('handler raised')


@chan.raw.register('sleep')
@gen.coroutine
def sleep(request):
    ms = int(raw_bytes(request.body) or b'0')
    yield gen.sleep(ms / 1000.0)
    raise gen.Return(Response(b'slept %d' % ms, request.headers))


@chan.raw.register('never')
@gen.coroutine
def never(request):
    yield gen.Future()


@chan.raw.register('big')
def big(request):
    return Response(pattern(int(raw_bytes(request.body) or b'0')), b'')


@chan.raw.register('sha256')
def sha256(request):
    return Response(
        hashlib.sha256(raw_bytes(request.body)).hexdigest(),
        hashlib.sha256(raw_bytes(request.headers)).hexdigest(),
    )


@chan.raw.register('inspect')
def inspect(request):
    transport = request.transport
    return Response(json.dumps({
        'service': request.service,
        'headers': {
            'as': transport.scheme,
            'cn': transport.caller_name,
            're': transport.retry_flags,
            'sk': transport.shard_key,
            'rd': transport.routing_delegate,
            'fd': transport.failure_domain,
            'se': transport.speculative_exe,
            'cas': transport.claim_at_start,
            'caf': transport.claim_at_finish,
        },
        'ttl': request.timeout,
        'arg2': len(raw_bytes(request.headers)),
        'arg3': len(raw_bytes(request.body)),
    }), '')


# ---- json --------------------------------------------------------------------
@chan.json.register('json-echo')
def json_echo(request):
    return Response(request.body, request.headers)


@chan.json.register('json-error')
def json_error(request):
    return Response({'type': 'interop.json-error', 'message': 'as asked', 'asked': request.body}, {}, status=1)


# ---- thrift (Meta::health is built in) -----------------------------------------
idl = thrift.load(path=os.path.join(HERE, '..', 'idl', 'keyvalue.thrift'), service=opts.service)
table = {}


@chan.thrift.register(idl.KeyValue)
def getValue(request):
    key = request.body.key
    if key not in table:
        raise idl.NotFoundError(key=key)
    return Response(table[key], request.headers)


@chan.thrift.register(idl.KeyValue)
def setValue(request):
    table[request.body.key] = request.body.value
    return Response(None, request.headers)


shapes = thrift.load(path=os.path.join(HERE, '..', 'idl', 'typed.thrift'), service=opts.service)


def full():
    return shapes.Everything(
        flag=False, small=5, middling=-300, number=70000, large=-5000000000, ratio=0.5, text=u'h\u00e9llo',
        bytes=b'\x00\xff', level=shapes.Level.HIGH, words=['', 'two'], numbers={1, 2},
        inners={'a': shapes.Inner(name='b', level=shapes.Level.LOW)}, inner=shapes.Inner(name=''))


def shape(name, answer):
    def handler(request):
        return Response(answer(request.body), request.headers)
    handler.__name__ = name
    chan.thrift.register(shapes.Shapes)(handler)


def fail(body):
    if body.how == 'notFound':
        raise shapes.NotFoundError(key='the key')
    if body.how == 'tooMany':
        raise shapes.TooManyError(limit=0, hint='')
    if body.how:
        raise ValueError(body.how)
    return ''


shape('echo', lambda body: body.value)
shape('full', lambda body: full())
shape('nothing', lambda body: None)
shape('fail', fail)
shape('words', lambda body: ['word%d' % n for n in range(body.count)])
shape('no', lambda body: False)
shape('zero', lambda body: 0)


# ---- streaming endpoints -------------------------------------------------------
# The current API buffers whole bodies; only the older handler style streams. A
# second dispatcher serves those endpoints on the same listening socket.
streams = RequestDispatcher()


@gen.coroutine
def stream_echo(request, response):
    for source, write in ((request.get_header_s(), response.write_header),
                          (request.get_body_s(), response.write_body)):
        chunk = yield source.read()
        while chunk:
            yield write(chunk)
            chunk = yield source.read()


@gen.coroutine
def stream_out(request, response):
    arg3 = yield request.get_body()
    spec = dict({'chunks': 3, 'size': 10, 'delay': 20}, **json.loads(raw_bytes(arg3).decode('utf8') or '{}'))
    yield response.write_header(b'stream-out')
    for _ in range(spec['chunks']):
        yield response.write_body(pattern(spec['size']))
        yield gen.sleep(spec['delay'] / 1000.0)


@gen.coroutine
def stream_in(request, response):
    yield request.get_header()
    digest, total, reads = hashlib.sha256(), 0, []
    body = request.get_body_s()
    chunk = yield body.read()
    while chunk:
        digest.update(chunk)
        total += len(chunk)
        reads.append(len(chunk))
        chunk = yield body.read()
    yield response.write_body(json.dumps({'bytes': total, 'reads': reads, 'sha256': digest.hexdigest()}))


@gen.coroutine
def stream_error(request, response):
    yield response.write_header(b'partial')
    yield response.write_body(b'first chunk')
    yield gen.sleep(0.05)
    raise errors.UnexpectedError('stream aborted by handler')


@gen.coroutine
def call_back(request):
    # Calls the caller back over the connection it came in on. The older handler
    # style again: the current one does not say who is at the other end.
    header = yield request.get_header()
    body = yield request.get_body()
    answer = yield chan.raw(
        service=request.headers.get('cn'),
        endpoint=raw_bytes(header).decode('utf8') or 'echo',
        headers='from-server',
        body=raw_bytes(body),
        hostport=request.remote_hostport,
        timeout=2,
    )
    raise gen.Return(answer)


@gen.coroutine
def reverse(request, response):
    answer = yield call_back(request)
    response.status_code = answer.status
    yield response.write_header(answer.headers)
    yield response.write_body(answer.body)


@gen.coroutine
def child(request, response):
    # The same; the answer's arg2 tells the tracing that came with the request.
    answer = yield call_back(request)

    def words(number):
        return [number >> 32, number & 0xFFFFFFFF]

    tracing = request.tracing
    response.status_code = answer.status
    yield response.write_header(json.dumps({
        'spanid': words(tracing.span_id),
        'parentid': words(tracing.parent_id),
        'traceid': words(tracing.trace_id),
        'flags': tracing.traceflags,
    }))
    yield response.write_body(answer.body)


STREAMS = {'reverse': reverse, 'child': child, 'stream': stream_echo, 'stream-out': stream_out, 'stream-in': stream_in, 'stream-error': stream_error}
for stream_name, stream_handler in STREAMS.items():
    streams.register(stream_name, stream_handler)


def drop(request, connection):
    connection.close()


main = chan._dep_tchannel._handler
buffered_call = main.handle_call


def route(request, connection):
    # arg1 always arrives whole in the first frame
    endpoint = b''.join(raw_bytes(c) for c in request.argstreams[0]._stream).decode('utf8', 'replace')
    if endpoint == 'drop':
        return drop(request, connection)
    if endpoint in STREAMS:
        request.remote_hostport = '%s:%s' % (connection.remote_host, connection.remote_host_port)
        return streams.handle_call(request, connection)
    return buffered_call(request, connection)


main.handle_call = route

chan.listen()
loop = IOLoop.current()


def stop(*_):
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
if opts.until_eof:
    threading.Thread(target=lambda: stop(sys.stdin.buffer.read()), daemon=True).start()


@gen.coroutine
def ready():
    routers = [router for router in opts.advertise.split(',') if router]
    if routers:
        yield chan.advertise(routers=routers)
    sys.stdout.write(json.dumps({'listening': '127.0.0.1:%d' % chan.port}, separators=(',', ':')) + '\n')
    sys.stdout.flush()


loop.add_callback(ready)
loop.start()
