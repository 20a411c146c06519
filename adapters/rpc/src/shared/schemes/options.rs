//! What may be said about a typed call: the same as about any other.

/// Options of a type that has a private `outbound(self, change) -> Self`.
macro_rules! outbound_options {
    () => {
        /// Calls this address and no other, in one attempt.
        pub fn host(self, to: impl Into<crate::Host>) -> Self {
            self.outbound(|call| call.host(to))
        }

        /// Longest time from `send` to the answer, all attempts included. Default 30 s, or what the sub-channel says.
        pub fn timeout(self, timeout: std::time::Duration) -> Self {
            self.outbound(|call| call.timeout(timeout))
        }

        /// The call being served that causes this one: its trace goes on, and its deadline bounds this one.
        pub fn parent(self, parent: crate::Parent) -> Self {
            self.outbound(|call| call.parent(parent))
        }

        /// Retries after the first attempt: 0 means one attempt. Default 4.
        pub fn retry_limit(self, retries: u32) -> Self {
            self.outbound(|call| call.retry_limit(retries))
        }

        /// Names the shard of the service (`sk`).
        pub fn shard_key(self, key: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.outbound(|call| call.shard_key(key))
        }

        /// Sets a transport header; setting one again replaces its value. The arg scheme stays what it is.
        pub fn transport_header(
            self,
            key: impl Into<std::borrow::Cow<'static, str>>,
            value: impl Into<std::borrow::Cow<'static, str>>,
        ) -> Self {
            self.outbound(|call| call.header(key, value))
        }

        /// Sets several transport headers.
        pub fn transport_headers<K, V>(self, headers: impl IntoIterator<Item = (K, V)>) -> Self
        where
            K: Into<std::borrow::Cow<'static, str>>,
            V: Into<std::borrow::Cow<'static, str>>,
        {
            self.outbound(|call| call.headers(headers))
        }

        /// Says anything else that can be said of a call. Its endpoint, scheme and arguments stay what they are.
        pub fn options(self, change: impl FnOnce(crate::Outbound) -> crate::Outbound) -> Self {
            self.outbound(change)
        }
    };
}
pub(crate) use outbound_options;

/// Application headers of a type that has them in a field `headers`; `Headers` are those of its arg scheme.
#[cfg(any(feature = "json", feature = "thrift"))]
macro_rules! header_options {
    () => {
        /// Sets an application header; setting one again replaces its value.
        pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.headers.set(name, value);
            self
        }

        /// Has these application headers instead of those that were set.
        pub fn headers(mut self, headers: Headers) -> Self {
            self.headers = headers;
            self
        }
    };
}
#[cfg(any(feature = "json", feature = "thrift"))]
pub(crate) use header_options;
