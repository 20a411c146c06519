use super::{ClientOptions, Command, Duration, LIMIT, Runtime, Selection, ServerOptions};

fn parse(line: &str) -> Result<Command, String> {
    Command::parse(line.split_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
}

#[test]
fn server_listens_on_any_local_port_unless_told() {
    let plain = ServerOptions { listen: "127.0.0.1:0".into(), runtime: Runtime::Tokio, until_eof: false };
    assert_eq!(parse("server"), Ok(Command::Server(plain.clone())));
    let told = ServerOptions { listen: "[::1]:4040".into(), until_eof: true, ..plain };
    assert_eq!(parse("server --listen [::1]:4040 --runtime tokio --until-eof"), Ok(Command::Server(told)));
}

#[test]
fn client_takes_lists_of_names() {
    let plain = ClientOptions {
        target: "localhost:1".into(),
        selection: Selection::default(),
        runtime: Runtime::Tokio,
        limit: LIMIT,
    };
    assert_eq!(parse("client localhost:1"), Ok(Command::Client(plain.clone())));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let selection = Selection { only: names(&["init", "ping"]), skip: names(&["drop"]) };
    let told = ClientOptions { selection, limit: Duration::from_millis(200), ..plain };
    assert_eq!(
        parse("client --only init,ping, localhost:1 --skip drop --limit 200"),
        Ok(Command::Client(told))
    );
    assert_eq!(parse("client --list"), Ok(Command::List));
}

#[test]
fn a_bench_runs_each_size_with_each_number_in_flight() {
    let Ok(Command::Bench(options)) = parse("bench a:1 --in-flight 2,3 --bytes 16,32 --rate 50 --time 70")
    else {
        panic!("a good command")
    };
    assert_eq!(options.target.as_deref(), Some("a:1"));
    let cells: Vec<_> = options.cells().map(|cell| (cell.size, cell.load.in_flight.get())).collect();
    assert_eq!(cells, [(16, 2), (16, 3), (32, 2), (32, 3)]);
    assert!(options.cells().all(|cell| {
        cell.load.pace == Some(50.0)
            && cell.load.extent.time == Some(Duration::from_millis(70))
            && cell.load.server.is_none()
    }));
}

#[test]
fn errors_say_what_to_write() {
    for (line, says) in [
        ("", "say `server`, `client` or `bench`"),
        ("serve", "`serve` is neither `server`, `client` nor `bench`"),
        ("client", "say which server: HOST:PORT"),
        ("client a:1 b:2", "`client` does not know `b:2`"),
        ("client --only", "`--only` needs a value"),
        ("client a:1 --limit soon", "`soon` is no number of milliseconds"),
        ("server --port 1", "`server` does not know `--port`"),
        ("bench --in-flight 0", "`0` is no number for this"),
        ("bench --rate nan", "`nan` is no number of calls a second"),
        ("bench a:1 b:2", "`bench` does not know `b:2`"),
        ("server --runtime threads", "no runtime `threads`; there are tokio, async-std, smol, blocking"),
    ] {
        let error = parse(line).expect_err(line);
        assert!(error.starts_with(says) && error.contains("usage: tchannel-peer server"), "{error}");
    }
}
