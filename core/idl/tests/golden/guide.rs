// Written by tchannel-idl from guide.thrift, shared.thrift. Changes are lost.

/// What `guide.thrift` defines.
#[allow(
    dead_code,
    unreachable_pub,
    clippy::approx_constant,
    clippy::disallowed_names,
    clippy::enum_variant_names,
    clippy::fn_params_excessive_bools,
    clippy::large_enum_variant,
    clippy::many_single_char_names,
    clippy::module_inception,
    clippy::module_name_repetitions,
    clippy::should_implement_trait,
    clippy::similar_names,
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::wrong_self_convention,
    reason = "names, numbers and shapes are those of the IDL; not all of it need be used"
)]
pub mod guide {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;
    use tchannel_schemes::thrift;

    /// Constant `MAX_ENTRIES`.
    pub const MAX_ENTRIES: i32 = 100_000;

    /// Constant `RESERVED`.
    pub static RESERVED: LazyLock<Vec<String>> = LazyLock::new(|| Vec::from([
        "root".to_owned(),
        "admin".to_owned(),
    ]));

    /// Nobody has set this key.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct NotFoundError {
        /// The key that was asked for.
        pub key: String,
    }

    impl thrift::Wire for NotFoundError {
        const TYPE: thrift::Type = thrift::Type::Struct;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.fields(|to| {
                to.field(1, "key", &self.key)?;
                Ok(())
            })
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            let mut key = None;
            from.fields(|from, field| {
                match field.id {
                    1 => key = Some(from.value(field, "key")?),
                    _ => from.skip_field(field)?,
                }
                Ok(())
            })?;
            Ok(Self {
                key: from.required(key, 1, "key")?,
            })
        }
    }

    impl thrift::Struct for NotFoundError {
        const NAME: &'static str = "NotFoundError";
    }

    impl std::fmt::Display for NotFoundError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::fmt::Debug::fmt(self, f)
        }
    }

    impl std::error::Error for NotFoundError {}

    /// Exception `ReadOnlyError`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ReadOnlyError {}

    impl thrift::Wire for ReadOnlyError {
        const TYPE: thrift::Type = thrift::Type::Struct;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.fields(|_| Ok(()))
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            from.fields(thrift::Reader::skip_field)?;
            Ok(Self {})
        }
    }

    impl thrift::Struct for ReadOnlyError {
        const NAME: &'static str = "ReadOnlyError";
    }

    impl std::fmt::Display for ReadOnlyError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::fmt::Debug::fmt(self, f)
        }
    }

    impl std::error::Error for ReadOnlyError {}

    /// A value and what is known of it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Entry {
        /// Field 1, `value`, required.
        pub value: Value,
        /// Milliseconds since 1970.
        pub changed_at: Option<i64>,
        /// Field 3, `owner`.
        pub owner: super::shared::Role,
        /// Field 4, `previous`.
        pub previous: Option<Box<Entry>>,
    }

    impl Entry {
        /// Has these required fields; the others are as they begin: absent, or their defaults.
        #[must_use]
        pub fn new(value: Value) -> Self {
            Self {
                value,
                changed_at: None,
                owner: super::shared::Role::User,
                previous: None,
            }
        }
    }

    impl thrift::Wire for Entry {
        const TYPE: thrift::Type = thrift::Type::Struct;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.fields(|to| {
                to.field(1, "value", &self.value)?;
                if let Some(value) = &self.changed_at {
                    to.field(2, "changedAt", value)?;
                }
                to.field(3, "owner", &self.owner)?;
                if let Some(value) = &self.previous {
                    to.field(4, "previous", value)?;
                }
                Ok(())
            })
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            let mut value = None;
            let mut changed_at = None;
            let mut owner = None;
            let mut previous = None;
            from.fields(|from, field| {
                match field.id {
                    1 => value = Some(from.value(field, "value")?),
                    2 => changed_at = Some(from.value(field, "changedAt")?),
                    3 => owner = Some(from.value(field, "owner")?),
                    4 => previous = Some(from.value(field, "previous")?),
                    _ => from.skip_field(field)?,
                }
                Ok(())
            })?;
            Ok(Self {
                value: from.required(value, 1, "value")?,
                changed_at,
                owner: owner.unwrap_or(super::shared::Role::User),
                previous,
            })
        }
    }

    impl thrift::Struct for Entry {
        const NAME: &'static str = "Entry";
    }

    /// Union `Value`.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Value {
        /// Field 1, `text`.
        Text(String),
        /// Field 2, `bytes`.
        Bytes(thrift::Bytes),
        /// Field 3, `numbers`.
        Numbers(BTreeMap<String, f64>),
    }

    impl thrift::Wire for Value {
        const TYPE: thrift::Type = thrift::Type::Struct;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.fields(|to| match self {
                Self::Text(value) => to.field(1, "text", value),
                Self::Bytes(value) => to.field(2, "bytes", value),
                Self::Numbers(value) => to.field(3, "numbers", value),
            })
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            from.union(|from, field| {
                let variant = match field.id {
                    1 => Self::Text(from.value(field, "text")?),
                    2 => Self::Bytes(from.value(field, "bytes")?),
                    3 => Self::Numbers(from.value(field, "numbers")?),
                    _ => return Ok(None),
                };
                Ok(Some(variant))
            })
        }
    }

    impl thrift::Struct for Value {
        const NAME: &'static str = "Value";
    }

    /// Keeps values by their keys.
    ///
    /// ```text
    ///   - a key is never empty
    ///   - see RESERVED
    /// ```
    pub mod key_value {
        use std::convert::Infallible;
        use std::future::Future;
        use std::sync::Arc;
        use tchannel_schemes::thrift;

        /// The service's name.
        pub const SERVICE: &str = "KeyValue";

        /// Its methods as arg1 names them, those that it inherits behind its own.
        pub const METHODS: &[&str] = &[
            "KeyValue::getValue",
            "KeyValue::setValue",
            "KeyValue::entries",
            "KeyValue::health",
        ];

        /// Calls the methods of `KeyValue`: what a call is, a future or an answer, is the caller's matter.
        #[derive(Clone, Debug)]
        pub struct Client<C> {
            caller: C,
        }

        impl<C: thrift::Caller> Client<C> {
            /// Makes its calls with `caller`.
            #[must_use]
            pub const fn new(caller: C) -> Self {
                Self { caller }
            }

            /// Makes a call of a request, which can be kept and used again.
            pub fn send<M: thrift::Method>(&self, request: M::Request) -> C::Call<M> {
                C::call::<M>(&self.caller, request)
            }

            /// What `setValue` last said of a key.
            pub fn get_value(&self, key: impl Into<String>) -> C::Call<GetValue> {
                let request = GetValueRequest { key: key.into() };
                C::call::<GetValue>(&self.caller, request)
            }

            /// Calls `setValue`.
            pub fn set_value(
                &self,
                key: impl Into<String>,
                value: impl Into<String>,
            ) -> C::Call<SetValue> {
                let request = SetValueRequest {
                    key: key.into(),
                    value: value.into(),
                };
                C::call::<SetValue>(&self.caller, request)
            }

            /// Entries of an owner, newest first.
            pub fn entries(
                &self,
                owner: super::super::shared::Role,
                limit: Option<i32>,
                deep: bool,
            ) -> C::Call<Entries> {
                let request = EntriesRequest {
                    owner,
                    limit,
                    deep,
                };
                C::call::<Entries>(&self.caller, request)
            }

            /// Calls `health`.
            pub fn health(&self) -> C::Call<Health> {
                let request = super::super::shared::base_service::HealthRequest::default();
                C::call::<Health>(&self.caller, request)
            }
        }

        /// Answers the methods of `KeyValue`, as async functions.
        ///
        /// `C` is what the server tells of a call beside its request.
        pub trait Handler<C>: super::super::shared::base_service::Handler<C> {
            /// What `setValue` last said of a key.
            fn get_value(
                &self,
                context: C,
                request: GetValueRequest,
            ) -> impl Future<
                Output = Result<String, thrift::Failure<GetValueExceptions>>,
            > + Send;

            /// Answers `setValue`.
            fn set_value(
                &self,
                context: C,
                request: SetValueRequest,
            ) -> impl Future<
                Output = Result<(), thrift::Failure<SetValueExceptions>>,
            > + Send;

            /// Entries of an owner, newest first.
            fn entries(
                &self,
                context: C,
                request: EntriesRequest,
            ) -> impl Future<
                Output = Result<Vec<super::Entry>, thrift::Failure<Infallible>>,
            > + Send;
        }

        /// Has every method of `KeyValue` answered by a handler, under this service's name; its server knows the files.
        pub fn register<R, H>(server: &mut R, handler: &Arc<H>)
        where
            R: thrift::Register,
            H: Handler<R::Context>,
        {
            R::thrift_files(server, &[super::IDL, super::super::shared::IDL]);
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move { Handler::get_value(&*handler, context, request).await }
            };
            R::register::<GetValue, _, _>(server, answer);
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move { Handler::set_value(&*handler, context, request).await }
            };
            R::register::<SetValue, _, _>(server, answer);
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move { Handler::entries(&*handler, context, request).await }
            };
            R::register::<Entries, _, _>(server, answer);
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move {
                    super::super::shared::base_service::Handler::health(
                            &*handler,
                            context,
                            request,
                        )
                        .await
                }
            };
            R::register::<Health, _, _>(server, answer);
        }

        /// Method `getValue`.
        #[derive(Clone, Copy, Debug)]
        pub enum GetValue {}

        impl thrift::Method for GetValue {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = "getValue";
            const ENDPOINT: &'static str = "KeyValue::getValue";
            type Request = GetValueRequest;
            type Success = String;
            type Exceptions = GetValueExceptions;
        }

        /// What `getValue` is asked.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct GetValueRequest {
            /// Field 1, `key`, required.
            pub key: String,
        }

        impl thrift::Wire for GetValueRequest {
            const TYPE: thrift::Type = thrift::Type::Struct;

            fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                to.fields(|to| {
                    to.field(1, "key", &self.key)?;
                    Ok(())
                })
            }

            fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
                let mut key = None;
                from.fields(|from, field| {
                    match field.id {
                        1 => key = Some(from.value(field, "key")?),
                        _ => from.skip_field(field)?,
                    }
                    Ok(())
                })?;
                Ok(Self {
                    key: from.required(key, 1, "key")?,
                })
            }
        }

        impl thrift::Struct for GetValueRequest {
            const NAME: &'static str = "getValue_args";
        }

        /// What `getValue` may throw.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum GetValueExceptions {
            /// Field 1, `notFound`.
            NotFound(super::NotFoundError),
        }

        impl std::fmt::Display for GetValueExceptions {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }

        impl std::error::Error for GetValueExceptions {}

        impl thrift::Exceptions for GetValueExceptions {
            fn read_field(
                from: &mut thrift::Reader<'_>,
                field: thrift::Field,
            ) -> Result<Option<Self>, thrift::DecodeError> {
                let exception = match field.id {
                    1 => Self::NotFound(from.value(field, "notFound")?),
                    _ => return Ok(None),
                };
                Ok(Some(exception))
            }

            fn write_field(
                &self,
                to: &mut thrift::Writer,
            ) -> Result<(), thrift::EncodeError> {
                match self {
                    Self::NotFound(value) => to.field(1, "notFound", value),
                }
            }
        }

        impl From<super::NotFoundError> for GetValueExceptions {
            fn from(exception: super::NotFoundError) -> Self {
                Self::NotFound(exception)
            }
        }

        impl From<super::NotFoundError> for thrift::Failure<GetValueExceptions> {
            fn from(exception: super::NotFoundError) -> Self {
                Self::Exception(exception.into())
            }
        }

        /// Method `setValue`.
        #[derive(Clone, Copy, Debug)]
        pub enum SetValue {}

        impl thrift::Method for SetValue {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = "setValue";
            const ENDPOINT: &'static str = "KeyValue::setValue";
            type Request = SetValueRequest;
            type Success = ();
            type Exceptions = SetValueExceptions;
        }

        /// What `setValue` is asked.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct SetValueRequest {
            /// Field 1, `key`, required.
            pub key: String,
            /// Field 2, `value`, required.
            pub value: String,
        }

        impl thrift::Wire for SetValueRequest {
            const TYPE: thrift::Type = thrift::Type::Struct;

            fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                to.fields(|to| {
                    to.field(1, "key", &self.key)?;
                    to.field(2, "value", &self.value)?;
                    Ok(())
                })
            }

            fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
                let mut key = None;
                let mut value = None;
                from.fields(|from, field| {
                    match field.id {
                        1 => key = Some(from.value(field, "key")?),
                        2 => value = Some(from.value(field, "value")?),
                        _ => from.skip_field(field)?,
                    }
                    Ok(())
                })?;
                Ok(Self {
                    key: from.required(key, 1, "key")?,
                    value: from.required(value, 2, "value")?,
                })
            }
        }

        impl thrift::Struct for SetValueRequest {
            const NAME: &'static str = "setValue_args";
        }

        /// What `setValue` may throw.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SetValueExceptions {
            /// Field 1, `readOnly`.
            ReadOnly(super::ReadOnlyError),
            /// Field 2, `notFound`.
            NotFound(super::NotFoundError),
        }

        impl std::fmt::Display for SetValueExceptions {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }

        impl std::error::Error for SetValueExceptions {}

        impl thrift::Exceptions for SetValueExceptions {
            fn read_field(
                from: &mut thrift::Reader<'_>,
                field: thrift::Field,
            ) -> Result<Option<Self>, thrift::DecodeError> {
                let exception = match field.id {
                    1 => Self::ReadOnly(from.value(field, "readOnly")?),
                    2 => Self::NotFound(from.value(field, "notFound")?),
                    _ => return Ok(None),
                };
                Ok(Some(exception))
            }

            fn write_field(
                &self,
                to: &mut thrift::Writer,
            ) -> Result<(), thrift::EncodeError> {
                match self {
                    Self::ReadOnly(value) => to.field(1, "readOnly", value),
                    Self::NotFound(value) => to.field(2, "notFound", value),
                }
            }
        }

        impl From<super::ReadOnlyError> for SetValueExceptions {
            fn from(exception: super::ReadOnlyError) -> Self {
                Self::ReadOnly(exception)
            }
        }

        impl From<super::ReadOnlyError> for thrift::Failure<SetValueExceptions> {
            fn from(exception: super::ReadOnlyError) -> Self {
                Self::Exception(exception.into())
            }
        }

        impl From<super::NotFoundError> for SetValueExceptions {
            fn from(exception: super::NotFoundError) -> Self {
                Self::NotFound(exception)
            }
        }

        impl From<super::NotFoundError> for thrift::Failure<SetValueExceptions> {
            fn from(exception: super::NotFoundError) -> Self {
                Self::Exception(exception.into())
            }
        }

        /// Method `entries`.
        #[derive(Clone, Copy, Debug)]
        pub enum Entries {}

        impl thrift::Method for Entries {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = "entries";
            const ENDPOINT: &'static str = "KeyValue::entries";
            type Request = EntriesRequest;
            type Success = Vec<super::Entry>;
            type Exceptions = Infallible;
        }

        /// What `entries` is asked.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct EntriesRequest {
            /// Field 1, `owner`, required.
            pub owner: super::super::shared::Role,
            /// Field 2, `limit`.
            pub limit: Option<i32>,
            /// Field 3, `deep`.
            pub deep: bool,
        }

        impl EntriesRequest {
            /// Has these required fields; the others are as they begin: absent, or their defaults.
            #[must_use]
            pub fn new(owner: super::super::shared::Role) -> Self {
                Self {
                    owner,
                    limit: None,
                    deep: true,
                }
            }
        }

        impl thrift::Wire for EntriesRequest {
            const TYPE: thrift::Type = thrift::Type::Struct;

            fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                to.fields(|to| {
                    to.field(1, "owner", &self.owner)?;
                    if let Some(value) = &self.limit {
                        to.field(2, "limit", value)?;
                    }
                    to.field(3, "deep", &self.deep)?;
                    Ok(())
                })
            }

            fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
                let mut owner = None;
                let mut limit = None;
                let mut deep = None;
                from.fields(|from, field| {
                    match field.id {
                        1 => owner = Some(from.value(field, "owner")?),
                        2 => limit = Some(from.value(field, "limit")?),
                        3 => deep = Some(from.value(field, "deep")?),
                        _ => from.skip_field(field)?,
                    }
                    Ok(())
                })?;
                Ok(Self {
                    owner: from.required(owner, 1, "owner")?,
                    limit,
                    deep: deep.unwrap_or(true),
                })
            }
        }

        impl thrift::Struct for EntriesRequest {
            const NAME: &'static str = "entries_args";
        }

        /// Method `health`, inherited from `BaseService`.
        #[derive(Clone, Copy, Debug)]
        pub enum Health {}

        impl thrift::Method for Health {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = "health";
            const ENDPOINT: &'static str = "KeyValue::health";
            type Request = super::super::shared::base_service::HealthRequest;
            type Success = super::super::shared::Health;
            type Exceptions = Infallible;
        }
    }

    /// The file itself: the name by which servers tell of it, and its text.
    pub const IDL: (&str, &str) = ("guide.thrift", r#"// The service of the guide, with one thing more of each kind.

include "./shared.thrift"

const i32 MAX_ENTRIES = 100000
const list<string> RESERVED = ["root", "admin"]

/** Nobody has set this key. */
exception NotFoundError {
    // The key that was asked for.
    1: required string key
}

exception ReadOnlyError {}

/** A value and what is known of it. */
struct Entry {
    1: required Value value
    2: optional i64 changedAt // Milliseconds since 1970.
    3: shared.Role owner = shared.Role.USER
    4: Entry previous
}

union Value {
    1: string text
    2: binary bytes
    3: map<string, double> numbers
}

/**
 * Keeps values by their keys.
 *
 *   - a key is never empty
 *   - see RESERVED
 */
service KeyValue extends shared.BaseService {
    /** What setValue last said of a key. */
    string getValue(1: string key) throws (1: NotFoundError notFound)

    void setValue(1: string key, 2: string value) throws (1: ReadOnlyError readOnly, 2: NotFoundError notFound)

    /** Entries of an owner, newest first. */
    list<Entry> entries(1: shared.Role owner, 2: optional i32 limit, 3: bool deep = true)

    oneway void forget(1: string key)
}
"#);
}

/// What `shared.thrift` defines.
#[allow(
    dead_code,
    unreachable_pub,
    clippy::approx_constant,
    clippy::disallowed_names,
    clippy::enum_variant_names,
    clippy::fn_params_excessive_bools,
    clippy::large_enum_variant,
    clippy::many_single_char_names,
    clippy::module_inception,
    clippy::module_name_repetitions,
    clippy::should_implement_trait,
    clippy::similar_names,
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::wrong_self_convention,
    reason = "names, numbers and shapes are those of the IDL; not all of it need be used"
)]
pub mod shared {
    use std::collections::BTreeSet;
    use tchannel_schemes::thrift;

    /// Enum `Role`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Role {
        /// `USER`: 1.
        User,
        /// May do anything.
        Admin,
        /// A number that has no name here; the peer's IDL may be newer.
        Unrecognized(i32),
    }

    impl Role {
        /// `ROOT`: 5, too.
        pub const ROOT: Self = Self::Admin;

        /// The value of a number.
        #[must_use]
        pub const fn from_number(number: i32) -> Self {
            match number {
                1 => Self::User,
                5 => Self::Admin,
                other => Self::Unrecognized(other),
            }
        }

        /// Its number.
        #[must_use]
        pub const fn number(self) -> i32 {
            match self {
                Self::User => 1,
                Self::Admin => 5,
                Self::Unrecognized(number) => number,
            }
        }

        /// Its name in the IDL.
        #[must_use]
        pub const fn name(self) -> Option<&'static str> {
            match self {
                Self::User => Some("USER"),
                Self::Admin => Some("ADMIN"),
                Self::Unrecognized(_) => None,
            }
        }
    }

    impl thrift::Wire for Role {
        const TYPE: thrift::Type = thrift::Type::I32;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.i32(self.number());
            Ok(())
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            from.i32().map(Self::from_number)
        }
    }

    /// Type `Roles`.
    pub type Roles = BTreeSet<Role>;

    /// Struct `Health`.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Health {
        /// Field 1, `ok`, required.
        pub ok: bool,
        /// Field 2, `roles`.
        pub roles: Option<Roles>,
    }

    impl Health {
        /// Has these required fields; the others are as they begin: absent, or their defaults.
        #[must_use]
        pub fn new(ok: bool) -> Self {
            Self { ok, roles: None }
        }
    }

    impl thrift::Wire for Health {
        const TYPE: thrift::Type = thrift::Type::Struct;

        fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
            to.fields(|to| {
                to.field(1, "ok", &self.ok)?;
                if let Some(value) = &self.roles {
                    to.field(2, "roles", value)?;
                }
                Ok(())
            })
        }

        fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
            let mut ok = None;
            let mut roles = None;
            from.fields(|from, field| {
                match field.id {
                    1 => ok = Some(from.value(field, "ok")?),
                    2 => roles = Some(from.value(field, "roles")?),
                    _ => from.skip_field(field)?,
                }
                Ok(())
            })?;
            Ok(Self {
                ok: from.required(ok, 1, "ok")?,
                roles,
            })
        }
    }

    impl thrift::Struct for Health {
        const NAME: &'static str = "Health";
    }

    /// Service `BaseService`.
    pub mod base_service {
        use std::convert::Infallible;
        use std::future::Future;
        use std::sync::Arc;
        use tchannel_schemes::thrift;

        /// The service's name.
        pub const SERVICE: &str = "BaseService";

        /// Its methods as arg1 names them, those that it inherits behind its own.
        pub const METHODS: &[&str] = &["BaseService::health"];

        /// Calls the methods of `BaseService`: what a call is, a future or an answer, is the caller's matter.
        #[derive(Clone, Debug)]
        pub struct Client<C> {
            caller: C,
        }

        impl<C: thrift::Caller> Client<C> {
            /// Makes its calls with `caller`.
            #[must_use]
            pub const fn new(caller: C) -> Self {
                Self { caller }
            }

            /// Makes a call of a request, which can be kept and used again.
            pub fn send<M: thrift::Method>(&self, request: M::Request) -> C::Call<M> {
                C::call::<M>(&self.caller, request)
            }

            /// Calls `health`.
            pub fn health(&self) -> C::Call<Health> {
                let request = HealthRequest::default();
                C::call::<Health>(&self.caller, request)
            }
        }

        /// Answers the methods of `BaseService`, as async functions.
        ///
        /// `C` is what the server tells of a call beside its request.
        pub trait Handler<C>: Send + Sync + 'static {
            /// Answers `health`.
            fn health(
                &self,
                context: C,
                request: HealthRequest,
            ) -> impl Future<
                Output = Result<super::Health, thrift::Failure<Infallible>>,
            > + Send;
        }

        /// Has every method of `BaseService` answered by a handler, under this service's name; its server knows the files.
        pub fn register<R, H>(server: &mut R, handler: &Arc<H>)
        where
            R: thrift::Register,
            H: Handler<R::Context>,
        {
            R::thrift_files(server, &[super::IDL, super::super::guide::IDL]);
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move { Handler::health(&*handler, context, request).await }
            };
            R::register::<Health, _, _>(server, answer);
        }

        /// Method `health`.
        #[derive(Clone, Copy, Debug)]
        pub enum Health {}

        impl thrift::Method for Health {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = "health";
            const ENDPOINT: &'static str = "BaseService::health";
            type Request = HealthRequest;
            type Success = super::Health;
            type Exceptions = Infallible;
        }

        /// What `health` is asked.
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct HealthRequest {}

        impl thrift::Wire for HealthRequest {
            const TYPE: thrift::Type = thrift::Type::Struct;

            fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                to.fields(|_| Ok(()))
            }

            fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
                from.fields(thrift::Reader::skip_field)?;
                Ok(Self {})
            }
        }

        impl thrift::Struct for HealthRequest {
            const NAME: &'static str = "health_args";
        }
    }

    /// The file itself: the name by which servers tell of it, and its text.
    pub const IDL: (&str, &str) = ("shared.thrift", r"enum Role {
    USER = 1
    /** May do anything. */
    ADMIN = 5
    ROOT = 5
}

typedef set<Role> Roles

struct Health {
    1: required bool ok
    2: Roles roles
}

service BaseService {
    Health health()
}
");
}
