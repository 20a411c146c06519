'use strict';
// TChannel interop peer: server side, on the reference Node implementation.
// usage: node server.js [--port N] [--service NAME] [--advertise HOST:PORT,..] [--until-eof] [--busy] [--lenient] [--lazy]
//        [--verbose]
// Prints {"listening":"127.0.0.1:PORT"} on stdout when ready, with --advertise once a router took the service. Stop with SIGTERM; with --until-eof also by closing stdin.

const fs = require('fs');
const path = require('path');
const crypto = require('crypto');
const TChannel = require('tchannel');
const TChannelAsJSON = require('tchannel/as/json');
const HyperbahnClient = require('tchannel/hyperbahn');
const TChannelAsThrift = require('tchannel/as/thrift');
const TChannelAsHTTP = require('tchannel/as/http');
const {PassThrough} = require('stream');

const argv = process.argv.slice(2);
const flag = name => argv.includes('--' + name);
const option = (name, dflt) => {
    const i = argv.indexOf('--' + name);
    return i >= 0 ? argv[i + 1] : dflt;
};

const verbose = flag('verbose');
const note = level => (msg, info) => {
    if (!verbose) return;
    const err = info && info.error;
    process.stderr.write(JSON.stringify({level, msg, error: err && (err.type || err.message), detail: err && err.message}) + '\n');
};
const logger = {};
['trace', 'debug', 'info', 'access', 'warn', 'error', 'fatal'].forEach(l => { logger[l] = note(l); });

const serviceName = option('service', 'echo');
const lenient = flag('lenient');

const root = new TChannel({
    logger,
    requireAs: !lenient,
    requireCn: !lenient,
    useLazyHandling: flag('lazy'),
    processName: 'interop-node-server'
});
const chan = root.makeSubChannel({serviceName});

function pattern(n) {
    const b = Buffer.alloc(n);
    for (let i = 0; i < n; i++) b[i] = (i * 31 + 7) % 251;
    return b;
}

function reply(res, ok, arg2, arg3) {
    res.headers.as = 'raw';
    if (ok) res.sendOk(arg2, arg3); else res.sendNotOk(arg2, arg3);
}

// ---- raw endpoints -------------------------------------------------------
chan.register('echo', flag('busy')
    ? (req, res) => res.sendError('Busy', 'echo is busy')
    : (req, res, arg2, arg3) => reply(res, true, arg2, arg3));
chan.register('app-error', (req, res, arg2, arg3) => reply(res, false, arg2, arg3));

const SYSTEM_ERRORS = {
    'sys-timeout': 'Timeout',
    'sys-cancelled': 'Cancelled',
    'sys-busy': 'Busy',
    'sys-declined': 'Declined',
    'sys-unexpected': 'UnexpectedError',
    'sys-badrequest': 'BadRequest',
    'sys-network': 'NetworkError',
    'sys-unhealthy': 'Unhealthy',
    'sys-protocol': 'ProtocolError'
};
Object.keys(SYSTEM_ERRORS).forEach(name => {
    chan.register(name, (req, res, arg2, arg3) =>
        res.sendError(SYSTEM_ERRORS[name], arg3.length ? String(arg3) : name));
});

chan.register('sleep', (req, res, arg2, arg3) => {
    setTimeout(() => reply(res, true, arg2, 'slept ' + arg3), parseInt(String(arg3), 10) || 0);
});
chan.register('never', () => {});
chan.register('drop', req => req.connection.socket.destroy());
chan.register('big', (req, res, arg2, arg3) => reply(res, true, '', pattern(parseInt(String(arg3), 10) || 0)));
chan.register('sha256', (req, res, arg2, arg3) => reply(res, true,
    crypto.createHash('sha256').update(arg2).digest('hex'),
    crypto.createHash('sha256').update(arg3).digest('hex')));

// What this peer saw of the request, as JSON in arg3.
chan.register('inspect', (req, res, arg2, arg3) => reply(res, true, '', JSON.stringify({
    id: req.id,
    service: req.serviceName,
    headers: req.headers,
    ttl: req.timeout,
    checksumType: req.checksum.type,
    fragmented: req.streamed,
    flags: req.flags,
    tracing: req.tracing,
    remote: req.remoteAddr,
    arg2: arg2.length,
    arg3: arg3.length
})));

// Calls the caller back (same connection where there is one): arg3 becomes arg3
// of a raw call to endpoint arg2 (default 'echo') of the caller's own service.
function callBack(req, cause, endpoint, arg3, res, done) {
    const target = req.headers.cn;
    const back = root.subChannels[target] || root.makeSubChannel({serviceName: target});
    back.request(Object.assign({
        host: req.connection.remoteName,
        serviceName: target,
        timeout: 2000,
        headers: {as: 'raw', cn: serviceName}
    }, cause)).send(endpoint, 'from-server', arg3, (err, r, a2, a3) => {
        if (err) return res.sendError('UnexpectedError', 'reverse call failed: ' + err.message);
        done(r, a2, a3);
    });
}
chan.register('reverse', (req, res, arg2, arg3) =>
    callBack(req, {hasNoParent: true}, arg2.length ? String(arg2) : 'echo', arg3, res,
        (r, a2, a3) => reply(res, r.ok, a2, a3)));

// The same, caused by the request: arg2 of the answer tells the tracing that came with it.
chan.register('child', (req, res, arg2, arg3) =>
    callBack(req, {parent: req}, arg2.length ? String(arg2) : 'echo', arg3, res,
        (r, a2, a3) => reply(res, r.ok, JSON.stringify(req.tracing), a3)));

// ---- streaming endpoints (raw) -------------------------------------------
// On current Node versions a stream's 'finish' comes a tick after end(); the
// library's argument streams want arg2 finished before arg3 gets its first byte.
function endThen(stream, chunk, next) {
    stream.once('finish', () => setImmediate(next));
    if (chunk === null) stream.end(); else stream.end(chunk);
}

function streamingResponse(buildResponse) {
    const res = buildResponse({streamed: true});
    res.headers.as = 'raw';
    res.setOk(true);
    return res;
}

chan.register('stream', {streamed: true}, (req, buildResponse) => {
    const res = streamingResponse(buildResponse);
    if (req.streamed) {
        req.arg2.on('data', d => res.arg2.write(d));
        req.arg2.on('end', () => endThen(res.arg2, null, () => {
            req.arg3.on('data', d => res.arg3.write(d));
            req.arg3.on('end', () => res.arg3.end());
        }));
    } else {
        endThen(res.arg2, req.arg2, () => res.arg3.end(req.arg3));
    }
});

// arg3: JSON {chunks, size, delay}; one flush (so one frame) per chunk.
chan.register('stream-out', {streamed: true}, (req, buildResponse) => {
    req.withArg23((err, arg2, arg3) => {
        const res = streamingResponse(buildResponse);
        if (err) return res.sendError('BadRequest', String(err.message));
        const spec = Object.assign({chunks: 3, size: 10, delay: 20}, JSON.parse(String(arg3) || '{}'));
        let left = spec.chunks;
        endThen(res.arg2, 'stream-out', function next() {
            if (left-- <= 0) return res.arg3.end();
            res.arg3.write(pattern(spec.size));
            setTimeout(next, spec.delay);
        });
    });
});

chan.register('stream-in', {streamed: true}, (req, buildResponse) => {
    const reads = [];
    const sum = crypto.createHash('sha256');
    const finish = total => {
        const res = buildResponse({streamed: false});
        reply(res, true, '', JSON.stringify({bytes: total, reads, sha256: sum.digest('hex')}));
    };
    if (!req.streamed) {
        sum.update(req.arg3);
        reads.push(req.arg3.length);
        return finish(req.arg3.length);
    }
    let total = 0;
    req.arg2.resume();
    req.arg3.on('data', d => { total += d.length; reads.push(d.length); sum.update(d); });
    req.arg3.on('end', () => finish(total));
});

// Starts a streamed response, then fails it with an error frame.
chan.register('stream-error', {streamed: true}, (req, buildResponse) => {
    const res = streamingResponse(buildResponse);
    if (req.streamed) { req.arg2.resume(); req.arg3.resume(); }
    endThen(res.arg2, 'partial', () => res.arg3.write('first chunk'));
    setTimeout(() => res.sendError('UnexpectedError', 'stream aborted by handler'), 50);
});

// ---- json ----------------------------------------------------------------
const asJson = new TChannelAsJSON({logParseFailures: false});
asJson.register(chan, 'json-echo', null, (ctx, req, head, body, done) => done(null, {ok: true, head, body}));
asJson.register(chan, 'json-error', null, (ctx, req, head, body, done) =>
    done(null, {ok: false, head: null, body: {type: 'interop.json-error', message: 'as asked', asked: body}}));

// ---- thrift --------------------------------------------------------------
const asThrift = new TChannelAsThrift({
    source: fs.readFileSync(path.join(__dirname, '..', 'idl', 'keyvalue.thrift'), 'utf8'),
    strict: false,
    channel: chan,
    logParseFailures: false,
    isHealthy: () => ({ok: true, message: 'interop node peer'})
});
const table = new Map();
asThrift.register('KeyValue::getValue', null, (ctx, req, head, body, done) => {
    if (!table.has(body.key)) {
        const e = new Error('no such key');
        e.key = body.key;
        return done(null, {ok: false, head: {'on': 'error'}, typeName: 'notFound', body: e});
    }
    done(null, {ok: true, head, body: table.get(body.key)});
});
asThrift.register('KeyValue::setValue', null, (ctx, req, head, body, done) => {
    table.set(body.key, body.value);
    done(null, {ok: true, head, body: null});
});

const asShapes = new TChannelAsThrift({
    source: fs.readFileSync(path.join(__dirname, '..', 'idl', 'typed.thrift'), 'utf8'),
    strict: false,
    channel: chan,
    logParseFailures: false
});
// 64 bits are bytes here.
const FULL = {
    flag: false, small: 5, middling: -300, number: 70000, large: Buffer.from('fffffffed5fa0e00', 'hex'), ratio: 0.5,
    text: 'h\u00e9llo', bytes: Buffer.from([0, 255]), level: 'HIGH', words: ['', 'two'], numbers: [1, 2],
    inners: {a: {name: 'b', level: 'LOW'}}, inner: {name: ''}
};
const shape = (name, answer) => asShapes.register('Shapes::' + name, null, (ctx, req, head, body, done) =>
    done(null, {ok: true, head, body: answer(body)}));
shape('echo', body => body.value);
shape('full', () => FULL);
shape('nothing', () => null);
shape('words', body => Array.from({length: body.count}, (_, n) => 'word' + n));
shape('no', () => false);
shape('zero', () => 0);
asShapes.register('Shapes::fail', null, (ctx, req, head, body, done) => {
    if (body.how === '') return done(null, {ok: true, head, body: ''});
    const fields = {notFound: {key: 'the key'}, tooMany: {limit: 0, hint: ''}}[body.how];
    if (!fields) return done(new Error(body.how));
    done(null, {ok: false, head, typeName: body.how, body: Object.assign(new Error(body.how), fields)});
});

// ---- http, as service `web` -----------------------------------------------
// Answers with the URL as reason, and the headers and the body that came.
TChannelAsHTTP().setHandler(root.makeSubChannel({serviceName: 'web'}), (asked, answer) => {
    const head = {statusCode: 203, statusMessage: asked.head.url, headers: asked.head.getHeaders()};
    if (!asked.bodyStream) return answer.sendResponse(head, asked.bodyArg);
    answer.sendResponse(Object.assign(asked.bodyStream.pipe(new PassThrough()), head));
});

const ready = () => process.stdout.write(JSON.stringify({listening: root.hostPort}) + '\n');
root.listen(parseInt(option('port', '0'), 10), '127.0.0.1', () => {
    const routers = option('advertise', '').split(',').filter(Boolean);
    if (routers.length === 0) return ready();
    const hyperbahn = HyperbahnClient({tchannel: root, serviceName, hostPortList: routers, reportTracing: false, logger});
    hyperbahn.once('advertised', ready);
    hyperbahn.advertise();
});
['SIGTERM', 'SIGINT'].forEach(s => process.on(s, () => process.exit(0)));
if (flag('until-eof')) process.stdin.resume().on('end', () => process.exit(0));
