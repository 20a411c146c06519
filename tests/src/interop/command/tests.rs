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
fn errors_say_what_to_write() {
    for (line, says) in [
        ("", "say `server` or `client`"),
        ("serve", "`serve` is neither `server` nor `client`"),
        ("client", "say which server: HOST:PORT"),
        ("client a:1 b:2", "`client` does not know `b:2`"),
        ("client --only", "`--only` needs a value"),
        ("client a:1 --limit soon", "`soon` is no number of milliseconds"),
        ("server --port 1", "`server` does not know `--port`"),
        ("server --runtime threads", "no runtime `threads`; there are tokio, async-std, smol, blocking"),
    ] {
        let error = parse(line).expect_err(line);
        assert!(error.starts_with(says) && error.contains("usage: tchannel-peer server"), "{error}");
    }
}
