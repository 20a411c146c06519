'use strict';
// TChannel interop peer: the original Hyperbahn router (npm hyperbahn 2.20.1) as a subprocess.
// usage: node start.js [--port N] [--join HOST:PORT,...] [--k N] [--set KEY=JSON]... [--drain] [--until-eof] [--verbose]
// Prints {"listening":"127.0.0.1:PORT"} on stdout when ready. Stop with SIGTERM; with --until-eof also by closing stdin.

const fs = require('fs');
const os = require('os');
const path = require('path');
const StaticConfig = require('static-config');
const NullStatsd = require('uber-statsd-client/null');
const Application = require('hyperbahn/app.js');

const HOST = '127.0.0.1';
const KNOWN_LIMIT_MS = 10000;

const argv = process.argv.slice(2);
const flag = name => argv.includes('--' + name);
const all = name => argv.filter((_, i) => i > 0 && argv[i - 1] === '--' + name);
const option = (name, dflt) => {
    const given = all(name);
    return given.length ? given[given.length - 1] : dflt;
};

const verbose = flag('verbose');
const note = level => (msg, meta, cb) => {
    if (verbose && level !== 'trace' && level !== 'debug') {
        const err = meta && (meta.error || meta.err);
        process.stderr.write(JSON.stringify({level, msg, error: err && (err.type || err.message), detail: err && err.message}) + '\n');
    }
    if (typeof cb === 'function') cb();
};
const logger = {};
['trace', 'debug', 'info', 'access', 'warn', 'error', 'fatal'].forEach(l => { logger[l] = note(l); });

// ---- settings: the router's "remote configuration", a file of [{key, value}, ...] -------------
const settings = {};
if (option('k')) settings['kValue.default'] = Number(option('k'));
all('set').forEach(text => {
    const at = text.indexOf('=');
    settings[text.slice(0, at)] = JSON.parse(text.slice(at + 1));
});

function createApplication() {
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'hyperbahn-peer-'));
    const file = path.join(scratch, 'remote-config.json');
    fs.writeFileSync(file, JSON.stringify(Object.keys(settings).map(key => ({key, value: settings[key]}))));
    const config = path.join(path.dirname(require.resolve('hyperbahn/package.json')), 'config');
    try {
        return new Application(StaticConfig({
            files: [path.join(config, 'production.json'), path.join(config, 'local.json')],
            seedConfig: {
                'hyperbahn.ringpop.bootstrapFile': null,
                'clients.remote-config.file': file,
                'clients.remote-config.logError': false,
                'clients.heapsnapshot': {folder: scratch}
            }
        }), {
            argv: {port: Number(option('port', 0)), host: HOST},
            processTitle: 'hyperbahn-interop-peer',
            clients: {logger, statsd: NullStatsd()}
        });
    } finally {
        fs.rmSync(scratch, {recursive: true}); // read while constructing; a file that is gone later changes nothing
    }
}

// ---- start --------------------------------------------------------------------------------------
const app = createApplication();
const clients = app.clients;

// An HTTP health check that would listen on every interface.
clients._controlServer = {
    listen(port, cb) { process.nextTick(cb); },
    close() {}
};

function fail(err) {
    process.stderr.write((err && err.stack || String(err)) + '\n');
    process.exit(1);
}

// The same two steps as the router's own bootstrap, apart because the port is known only after the first.
app.tchannel.on('error', fail);
app.isBootstrapped = true;
app.setupServices();
clients.setupChannel(err => {
    if (err) return fail(err);
    const own = app.tchannel.hostPort;
    const others = option('join', '').split(',').filter(Boolean);
    clients.autobahnHostPortList = [own].concat(others.filter(o => o !== own));
    clients.setupRingpop(err2 => {
        if (err2) return fail(err2);
        clients.repl.setApp(app);
        untilKnown(Date.now() + KNOWN_LIMIT_MS, () =>
            process.stdout.write(JSON.stringify({listening: own}) + '\n'));
    });
});

// The ring learns of a new member by gossip, a few hundred ms after that member is done joining.
// Wait until every other live member lists us, so that all agree on which router owns a service.
function untilKnown(deadline, done) {
    const own = clients.ringpop.whoami();
    const others = clients.ringpop.membership.members.filter(m => m.address !== own && m.status === 'alive');
    let left = others.length;
    let known = 0;
    const settle = () => {
        if (known === others.length || Date.now() > deadline) return done();
        setTimeout(untilKnown, 50, deadline, done);
    };
    if (left === 0) return settle();
    others.forEach(other => {
        const to = {host: other.address, timeout: 1000, retryLimit: 1};
        clients.ringpop.client._request(to, '/admin/stats', null, null, (err, stats) => {
            const members = stats && stats.membership && stats.membership.members || [];
            if (members.some(m => m.address === own && m.status === 'alive')) known += 1;
            left -= 1;
            if (left === 0) settle();
        });
    });
}

// ---- stop ---------------------------------------------------------------------------------------
let stopping = false;
function stop() {
    if (stopping || !flag('drain')) process.exit(0);
    stopping = true;
    app.once('destroy', () => process.exit(0));
    app.startDrain();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (flag('until-eof')) process.stdin.resume().on('end', () => process.exit(0));
