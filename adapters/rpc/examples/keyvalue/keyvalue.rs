// Written by tchannel-idl from keyvalue.thrift. Changes are lost.

/// What `keyvalue.thrift` defines.
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
pub mod keyvalue {
    use tchannel_rpc::thrift;

    /// Nobody has set this key.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct NotFoundError {
        /// Field 1, `key`, required.
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

    /// Keeps values by their keys.
    pub mod key_value {
        use std::convert::Infallible;
        use std::future::Future;
        use std::sync::Arc;
        use tchannel_rpc::thrift;

        /// The service's name.
        pub const SERVICE: &str = "KeyValue";

        /// Its methods as arg1 names them, those that it inherits behind its own.
        pub const METHODS: &[&str] = &["KeyValue::getValue", "KeyValue::setValue"];

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
        }

        /// Answers the methods of `KeyValue`, as async functions.
        ///
        /// `C` is what the server tells of a call beside its request.
        pub trait Handler<C>: Send + Sync + 'static {
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
            ) -> impl Future<Output = Result<(), thrift::Failure<Infallible>>> + Send;
        }

        /// Has every method of `KeyValue` answered by a handler, under this service's name; its server knows the files.
        pub fn register<R, H>(server: &mut R, handler: &Arc<H>)
        where
            R: thrift::Register,
            H: Handler<R::Context>,
        {
            R::thrift_files(server, &[super::IDL]);
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
            type Exceptions = Infallible;
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
    }

    /// The file itself: the name by which servers tell of it, and its text.
    pub const IDL: (&str, &str) = ("keyvalue.thrift", r"/** Nobody has set this key. */
exception NotFoundError {
    1: required string key
}

/** Keeps values by their keys. */
service KeyValue {
    /** What setValue last said of a key. */
    string getValue(1: string key) throws (1: NotFoundError notFound)

    void setValue(1: string key, 2: string value)
}
");
}
