//! Clients and handlers, end to end over bytes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use tchannel_schemes::thrift::Failure;

use super::carrier::{Blocking, Deferred, Failed, Peer, Server, run};
use super::code::guide::key_value::{
    self, Client, Entries, EntriesRequest, GetValueExceptions, GetValueRequest, SetValueExceptions,
    SetValueRequest,
};
use super::code::guide::{Entry, NotFoundError, ReadOnlyError, Value};
use super::code::shared::base_service::{self, HealthRequest};
use super::code::shared::{Health, Role};

#[derive(Default)]
struct Store(Mutex<BTreeMap<String, String>>);

impl Store {
    fn values(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().expect("nobody panics with it")
    }
}

impl base_service::Handler<Peer> for Store {
    async fn health(&self, _: Peer, _: HealthRequest) -> Result<Health, Failure<Infallible>> {
        Ok(Health::new(true))
    }
}

impl key_value::Handler<Peer> for Store {
    async fn get_value(
        &self,
        _: Peer,
        request: GetValueRequest,
    ) -> Result<String, Failure<GetValueExceptions>> {
        let GetValueRequest { key } = request;
        let found = self.values().get(&key).cloned();
        Ok(found.ok_or(NotFoundError { key })?)
    }

    async fn set_value(
        &self,
        Peer(name): Peer,
        request: SetValueRequest,
    ) -> Result<(), Failure<SetValueExceptions>> {
        if request.key.is_empty() {
            return Err(Failure::unexpected(format!("{name} gave no key")));
        }
        if request.key == "fixed" {
            return Err(ReadOnlyError {}.into());
        }
        self.values().insert(request.key, request.value);
        Ok(())
    }

    async fn entries(&self, _: Peer, request: EntriesRequest) -> Result<Vec<Entry>, Failure<Infallible>> {
        let limit = usize::try_from(request.limit.unwrap_or(0)).map_err(Failure::unexpected)?;
        let values = self.values().values().take(limit).cloned().collect::<Vec<_>>();
        let entry = |text| Entry { owner: request.owner, ..Entry::new(Value::Text(text)) };
        Ok(values.into_iter().map(entry).collect())
    }
}

fn server() -> Arc<Server> {
    let mut server = Server::default();
    key_value::register(&mut server, &Arc::new(Store::default()));
    Arc::new(server)
}

fn client() -> Client<Blocking> {
    Client::new(Blocking(server()))
}

#[test]
fn every_method_is_registered_under_the_leafs_name() {
    let mut expected = key_value::METHODS.to_vec();
    expected.sort_unstable();
    assert_eq!(server().endpoints(), expected);
    assert_eq!(key_value::METHODS.last(), Some(&"KeyValue::health"));
    assert_eq!(key_value::SERVICE, "KeyValue");
}

#[test]
fn values_and_declared_exceptions_arrive() {
    let client = client();
    let missing = Failed::Thrown(GetValueExceptions::NotFound(NotFoundError { key: "k".into() }));
    assert_eq!(client.get_value("k"), Err(missing));
    assert_eq!(client.set_value("k", ""), Ok(()));
    assert_eq!(client.get_value("k"), Ok(String::new()));
    assert_eq!(
        client.set_value("fixed", "v"),
        Err(Failed::Thrown(SetValueExceptions::ReadOnly(ReadOnlyError {})))
    );
}

#[test]
fn g5_a_failure_that_is_not_declared_is_no_exception() {
    assert_eq!(client().set_value("", "v"), Err(Failed::Refused("tester gave no key".into())));
}

#[test]
fn inherited_methods_are_called_by_the_leafs_client() {
    assert_eq!(client().health(), Ok(Health { ok: true, roles: None }));
    let of_the_parent = base_service::Client::new(Blocking(server()));
    assert_eq!(of_the_parent.health(), Err(Failed::Refused("no BaseService::health".into())));
}

#[test]
fn structs_enums_and_optional_arguments_arrive() {
    let client = client();
    client.set_value("k", "v").unwrap();
    let entry =
        Entry { value: Value::Text("v".into()), changed_at: None, owner: Role::Admin, previous: None };
    assert_eq!(client.entries(Role::Admin, Some(5), false), Ok(vec![entry]));
    assert_eq!(client.entries(Role::Unrecognized(77), None, true), Ok(Vec::new()));
}

#[test]
fn t3_a_request_is_a_value_that_is_sent_twice() {
    let server = server();
    let client = Client::new(Deferred(Arc::clone(&server)));
    run(client.set_value("k", "v").send()).unwrap();
    let call = client.get_value("k");
    assert_eq!(call.request, GetValueRequest { key: "k".into() });
    assert_eq!(run(call.send()), Ok("v".into()));
    assert_eq!(run(call.send()), Ok("v".into()));
    let request = EntriesRequest { limit: Some(1), ..EntriesRequest::new(Role::User) };
    let blocking = Client::new(Blocking(server));
    let twice = [blocking.send::<Entries>(request.clone()), blocking.send::<Entries>(request)];
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_caller_may_be_borrowed() {
    let caller = Blocking(server());
    let (one, other) = (Client::new(&caller), Client::new(&caller));
    one.set_value("k", "v").unwrap();
    assert_eq!(other.get_value("k"), Ok("v".into()));
}
