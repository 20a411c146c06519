'use strict';
// TChannel interop peer: HTTP requests of the reference Node implementation to service `web`.
// usage: node http.js HOST:PORT REQUESTS
// REQUESTS is JSON: [{"method","url","headers","body","streamed"},..]. Prints one JSON line for each, in their order:
// {"status","message","headers","body"}, headers as pairs; or {"error"}.

const {Readable} = require('stream');
const TChannel = require('tchannel');
const TChannelAsHTTP = require('tchannel/as/http');

const [target, requests] = process.argv.slice(2);
const logger = {};
['trace', 'debug', 'info', 'access', 'warn', 'error', 'fatal'].forEach(l => { logger[l] = () => {}; });
const root = new TChannel({logger, processName: 'interop-node-http'});
const chan = root.makeSubChannel({serviceName: 'web', peers: [target]});
const http = TChannelAsHTTP();
Object.assign(http, {channel: chan, logger});

// As forwardToTChannel of as/http does it: a stream that is whole already gives its value, and never ends.
function collect(stream) {
    return new Promise((good, bad) => {
        if (stream._readableState.ended) return stream.onValueReady((err, body) => err ? bad(err) : good(body));
        const chunks = [];
        stream.on('data', d => chunks.push(d)).on('error', bad).on('end', () => good(Buffer.concat(chunks)));
    });
}

function send({method, url, headers, body, streamed}) {
    const request = chan.request({
        host: target, serviceName: 'web', streamed, timeout: 20000, hasNoParent: true, retryFlags: {never: true},
        headers: {cn: 'interop-client'}
    });
    const asked = Object.assign(Readable.from(body ? [Buffer.from(body)] : []), {method, url, headers});
    return new Promise((good, bad) => {
        http.sendRequest(request, asked, chan.timers.now(), (err, head, stream, whole) => {
            if (err) return bad(err);
            const answer = bytes => good({
                status: head.statusCode, message: head.message, headers: head.headerPairs, body: String(bytes)
            });
            if (stream) collect(stream).then(answer, bad); else answer(whole);
        });
    });
}

async function main() {
    const peer = chan.peers.get(target) || chan.peers.add(target);
    await new Promise((good, bad) => peer.waitForIdentified(e => e ? bad(e) : good()));
    for (const request of JSON.parse(requests)) {
        const outcome = await send(request).catch(e => ({error: (e.type || '') + ' ' + e.message}));
        process.stdout.write(JSON.stringify(outcome) + '\n');
    }
    await new Promise(done => root.close(done));
}
main().then(() => process.exit(0), e => { process.stderr.write(String(e.stack) + '\n'); process.exit(1); });
