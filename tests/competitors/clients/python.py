# A load by tchannel-python: python.py HOST:PORT IN_FLIGHT BYTES WARM_UP_MS TIME_MS SERVER_PID; prints a line of JSON.
import json
import os
import sys
import time

from tornado import gen
from tornado.ioloop import IOLoop

from tchannel import TChannel

at, in_flight, size, warm_up, measure, server = sys.argv[1:]
in_flight, size, warm_up, measure = int(in_flight), int(size), int(warm_up) / 1e3, int(measure) / 1e3
body = b'\x07' * size
channel = TChannel('client', known_peers=[at])
start = time.perf_counter()
took, state = [], {'failed': 0, 'before': None, 'begin': 0.0}


def used(pid):
    threads = '/proc/%s/task' % pid
    total = 0
    for thread in os.listdir(threads):
        with open('%s/%s/schedstat' % (threads, thread)) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def finish(now):
    after = used('self'), used(server)
    before = state['before']
    took.sort()
    at = lambda part: took[min(len(took) - 1, int(part * len(took)))] * 1e6
    print(json.dumps({
        'answered': len(took), 'failed': state['failed'], 'seconds': now - state['begin'],
        'client_cpu_seconds': after[0] - before[0], 'server_cpu_seconds': after[1] - before[1],
        'p50_us': at(0.5), 'p99_us': at(0.99)}))
    sys.stdout.flush()
    os._exit(0)


@gen.coroutine
def caller():
    while True:
        called = time.perf_counter()
        try:
            answer = yield channel.raw('echo', 'echo', body, timeout=30)
            good = len(answer.body) == size
        except Exception:
            good = False
        now = time.perf_counter()
        if state['before'] is None:
            if now - start >= warm_up:
                state['before'], state['begin'] = (used('self'), used(server)), now
            continue
        if good:
            took.append(now - called)
        else:
            state['failed'] += 1
        if now - state['begin'] >= measure:
            finish(now)


@gen.coroutine
def main():
    yield [caller() for _ in range(in_flight)]

IOLoop.current().run_sync(main)
