//! Thrift files: found, read, and what is wrong with them.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tchannel_rpc::Channel;
use tchannel_rpc::idl::{Idl, Thrown};
use tokio::runtime::Runtime;

use super::program::{Ran, call};

/// A directory with these files, of a name that no other test has.
pub(super) fn directory(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (file, text) in files {
        let path = directory.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

const SHARED: &str = "exception Gone { 1: required string since }
struct Item { 1: required string name, 2: optional i32 count = 3 }";
const SHOP: &str = r#"include "shared/shared.thrift"
service Shop {
    shared.Item buy(1: shared.Item item, 2: optional bool gift) throws (1: shared.Gone gone)
    void close()
}"#;

/// A shop that takes all but `pears`, and is not well.
struct Shop {
    at: String,
    channel: Channel,
    runtime: Runtime,
}

impl Shop {
    fn open(idl_of_server: (&str, &str)) -> Self {
        let runtime = Runtime::new().unwrap();
        let (at, channel) = runtime.block_on(async {
            let channel = tchannel_rpc::tokio::channel("shop").unwrap();
            let files = [("shop.thrift", SHOP), ("shared/shared.thrift", SHARED)];
            let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
            let shop = Idl::parse_files("shop.thrift", &files).unwrap().service("Shop").unwrap();
            let service = channel.service("shop").unwrap();
            let buy = shop.method("buy").unwrap();
            let bought = service.register_idl(&buy, async |_, arguments| match &arguments["item"] {
                item if item["name"] == "pears" => {
                    Err(Thrown { name: "gone".into(), ty: String::new(), value: json!({ "since": "noon" }) }
                        .into())
                }
                item => Ok(item.clone()),
            });
            bought.unwrap();
            let meta = "struct Status { 1: required bool ok 2: optional string message }
                service Meta { Status health() }";
            let health = Idl::parse(meta).unwrap().service("Meta").unwrap().method("health").unwrap();
            let ill =
                service.register_idl(&health, async |_, _| Ok(json!({ "ok": false, "message": "closed" })));
            ill.unwrap();
            service.thrift_idl(idl_of_server.0, [idl_of_server]);
            let at = channel.listen("127.0.0.1:0").await.unwrap();
            (at.to_string(), channel)
        });
        Shop { at, channel, runtime }
    }

    fn call(&self, words: &[&str]) -> Ran {
        call(&self.at, &[&["shop"], words].concat())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.runtime.block_on(self.channel.close());
    }
}

#[test]
fn includes_defaults_and_exceptions_are_understood() {
    let shop = Shop::open(("idl.thrift", "service Shop { i32 count() }"));
    let files = directory("shop", &[("shop.thrift", SHOP), ("shared/shared.thrift", SHARED)]);
    let files = files.to_str().unwrap();
    let buy = |body: &str| shop.call(&["Shop::buy", "-t", files, body]);
    let bought = buy(r#"{"item":{"name":"plums"}}"#);
    assert_eq!(bought.expect(0, &[]).value()["body"], json!({ "name": "plums", "count": 3 }));
    let gone = buy(r#"{"item":{"name":"pears"}}"#);
    let value = gone.expect(126, &["gone: {\"since\":\"noon\"}"]).value();
    assert_eq!((&value["body"], &value["typeName"]), (&json!({ "since": "noon" }), &json!("gone")));
    buy(r#"{"item":{"count":1}}"#).expect(125, &["Shop::buy", "item.name is missing"]);
    buy(r#"{"item":{"name":"plums","colour":"red"}}"#).expect(125, &["colour is unknown"]);
    buy(r#"{"item":[]}"#).expect(125, &["item is an array, expected an object"]);
    buy("[]").expect(125, &["expected an object with the arguments by their names"]);
    let lenient = shop.call(&["Shop::buy", "-t", files, "-S", r#"{"item":{"name":"figs","colour":"red"}}"#]);
    assert_eq!(lenient.expect(0, &[]).value()["body"]["name"], "figs");
    let strict = ["Shop::buy", "-t", files, "--no-strict", "--strict", r#"{"item":{"name":"f","c":1}}"#];
    shop.call(&strict).expect(125, &["c is unknown"]);
    let by_method = shop.call(&["buy", "-t", files, r#"{"item":{"name":"plums"}}"#]);
    assert_eq!(by_method.expect(0, &[]).value()["ok"], true);
}

#[test]
fn an_exception_that_the_idl_does_not_have_is_not_ok() {
    let shop = Shop::open(("idl.thrift", "service Shop { i32 count() }"));
    let older = "struct Item { 1: string name } service Shop { Item buy(1: Item item) }";
    let files = directory("shop-older", &[("shop.thrift", older)]);
    let ran = shop.call(&["Shop::buy", "-t", files.to_str().unwrap(), r#"{"item":{"name":"pears"}}"#]);
    assert_eq!(ran.expect(126, &["unknown exception 1"]).value()["ok"], false);
}

#[test]
fn the_file_of_a_directory_is_found() {
    let shop = Shop::open(("idl.thrift", "service Shop { i32 count() }"));
    let elsewhere = &[("a.thrift", "service A {}"), ("z.thrift", SHOP), ("shared/shared.thrift", SHARED)];
    let files = directory("shop-elsewhere", elsewhere);
    let files = files.to_str().unwrap();
    let body = r#"{"item":{"name":"plums"}}"#;
    shop.call(&["Shop::buy", "-t", files, body]).expect(0, &[]);
    shop.call(&["Shop::sell", "-t", files, body]).expect(125, &["z.thrift", "`sell`", "`buy`, `close`"]);
    shop.call(&["Bakery::buy", "-t", files, body]).expect(125, &["`Bakery`", "other files"]);
    let empty = directory("shop-empty", &[("sub/a.thrift", "service A {}")]);
    shop.call(&["Shop::buy", "-t", empty.to_str().unwrap()]).expect(125, &["has no file *.thrift"]);
}

#[test]
fn wrong_files_are_told_with_file_and_line() {
    let wrong = directory(
        "shop-wrong",
        &[
            ("shop.thrift", "service Shop {\n  void close(\n}"),
            ("includes.thrift", "include \"nowhere.thrift\"\nservice Shop {}"),
            ("type.thrift", "service Shop {\n\n  Nothing buy()\n}"),
        ],
    );
    let told = |file: &str, words: &[&str]| {
        let path = wrong.join(file);
        call("127.0.0.1:1", &["shop", "Shop::close", "-t", path.to_str().unwrap()]).expect(125, words);
    };
    told("shop.thrift", &["shop.thrift:3:1: expected"]);
    told("includes.thrift", &["includes.thrift:1:", "nowhere.thrift"]);
    told("type.thrift", &["type.thrift:3:3:", "`Nothing`"]);
    told("missing.thrift", &["missing.thrift", "No such file"]);
    told("", &["shop.thrift:3:1: expected"]);
}

#[test]
fn the_servers_idl_is_used_and_judged() {
    let words = ["Shop::buy", "--idl-from-server", r#"{"item":{"name":"plums"}}"#];
    let idl = "struct Item { 1: string name, 2: optional i32 count } service Shop { Item buy(1: Item item) }";
    let good = Shop::open(("idl.thrift", idl));
    assert_eq!(good.call(&words).expect(0, &[]).value()["body"]["name"], "plums");
    good.call(&["Shop::sell", "--idl-from-server"]).expect(125, &["the server's IDL", "`sell`", "`buy`"]);
    let bad = Shop::open(("bad.thrift", "service Shop {\n  Item buy(\n"));
    bad.call(&words).expect(125, &["no IDL from the server", "bad.thrift:3:1: expected"]);
}

#[test]
fn a_service_that_is_not_well_ends_in_124() {
    let shop = Shop::open(("idl.thrift", "service Shop { i32 count() }"));
    let value = shop.call(&["--health"]).expect(124, &["not healthy: closed"]).value();
    assert_eq!((&value["ok"], &value["body"]["message"]), (&json!(false), &json!("closed")));
}
