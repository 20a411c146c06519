'use strict';
// A load by tchannel-node: node.js HOST:PORT IN_FLIGHT BYTES WARM_UP_MS TIME_MS SERVER_PID; prints a line of JSON.
const fs = require('fs');
const TChannel = require('tchannel');

const [at, inFlight, bytes, warmUp, time, server] = process.argv.slice(2);
const quiet = () => {};
const logger = {};
['trace', 'debug', 'info', 'access', 'warn', 'error', 'fatal'].forEach(level => { logger[level] = quiet; });
const channel = new TChannel({logger}).makeSubChannel({
    serviceName: 'echo', peers: [at], requestDefaults: {serviceName: 'echo', headers: {as: 'raw', cn: 'client'}}
});
const body = Buffer.alloc(Number(bytes), 7);
const took = [];
let answered = 0, failed = 0, begin = 0, before = null;
const now = () => Number(process.hrtime.bigint());

function used(pid) {
    return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, thread) =>
        sum + Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9;
}
const cpu = () => [used('self'), used(server)];

const start = now();
function call() {
    const called = now();
    channel.request({timeout: 30000, hasNoParent: true}).send('echo', '', body, (error, response, arg2, arg3) => {
        const done = now();
        if (!before && done - start >= warmUp * 1e6) {
            before = cpu();
            begin = done;
        } else if (before) {
            if (error || !response.ok || arg3.length !== body.length) failed++; else { answered++; took.push(done - called); }
            if (done - begin >= time * 1e6) return finish(done);
        }
        call();
    });
}

function finish(done) {
    const after = cpu();
    took.sort((a, b) => a - b);
    const at = part => took[Math.min(took.length - 1, Math.floor(part * took.length))] / 1e3;
    console.log(JSON.stringify({
        answered, failed, seconds: (done - begin) / 1e9,
        client_cpu_seconds: after[0] - before[0], server_cpu_seconds: after[1] - before[1],
        p50_us: at(0.5), p99_us: at(0.99)
    }));
    process.exit(0);
}
for (let i = 0; i < Number(inFlight); i++) call();
