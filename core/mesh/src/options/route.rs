//! Transport headers of a request: `cn`, `as`, `re`, then the others in the order given.

use alloc::string::ToString;

use smallvec::SmallVec;
use tchannel_wire::{HeaderError, Route, header_keys as keys};

use super::{CallOptions, Layers, Setting, Text};
use crate::OpenError;

type Pairs<'a> = SmallVec<[(&'a str, &'a str); 8]>;

impl<'a> Layers<'a> {
    /// The service's name and all headers, encoded. Refuses what must not be sent.
    pub fn route(&self) -> Result<Route, OpenError> {
        let mut pairs = Pairs::new();
        for (key, default) in [(keys::CALLER, self.channel_name), (keys::SCHEME, "raw")] {
            match self.value(key).unwrap_or(default) {
                "" => return Err(OpenError::EmptyHeader { key }),
                value => pairs.push((key, value)),
            }
        }
        pairs.push((keys::RETRY, self.retry_header()));
        pairs.extend(OPTIONAL.iter().filter_map(|key| Some((*key, self.field_value(key)?))));
        self.put_given(&mut pairs)?;
        Ok(Route::encode(self.service()?, pairs)?)
    }

    /// Headers given as such, except those that a layer before, or a field of the same layer, has the last word on.
    fn put_given(&self, pairs: &mut Pairs<'a>) -> Result<(), OpenError> {
        for (at, layer) in self.levels().enumerate() {
            for (n, (key, value)) in layer.headers.iter().enumerate() {
                if layer.headers[..n].iter().any(|(before, _)| before == key) {
                    return Err(HeaderError::Duplicate { key: key.to_string() }.into());
                }
                let is_there = [keys::CALLER, keys::SCHEME, keys::RETRY].contains(&key.as_ref());
                let overruled = self.levels().take(at).any(|before| before.speaks_of(key));
                if !is_there && !overruled && layer.field(key) == Setting::Inherit {
                    pairs.push((key, value));
                }
            }
        }
        Ok(())
    }

    /// What a header's field or the header itself says, in the first layer that speaks of it.
    fn value(&self, key: &str) -> Option<&'a str> {
        let layer = self.levels().find(|layer| layer.speaks_of(key))?;
        self.field_value(key).or(layer.given(key))
    }

    fn field_value(&self, key: &str) -> Option<&'a str> {
        match self.levels().find(|layer| layer.speaks_of(key))?.field(key) {
            Setting::Is(value) => Some(value),
            Setting::Off | Setting::Inherit => None,
        }
    }

    /// The one header that wins over its field.
    fn retry_header(&self) -> &'a str {
        let given = |layer: &'a CallOptions| layer.given(keys::RETRY);
        let said = self.levels().find(|layer| layer.retry_flags.is_some() || given(layer).is_some());
        said.and_then(given).unwrap_or(self.retry_flags().as_str())
    }
}

impl CallOptions {
    fn speaks_of(&self, key: &str) -> bool {
        self.field(key) != Setting::Inherit || self.given(key).is_some()
    }

    /// What the field of a header says; not for `re`.
    fn field(&self, key: &str) -> Setting<&str> {
        fn said(text: Option<&Text>) -> Setting<&str> {
            text.map_or(Setting::Inherit, |text| Setting::Is(text))
        }
        fn setting(text: &Setting<Text>) -> Setting<&str> {
            match text {
                Setting::Inherit => Setting::Inherit,
                Setting::Off => Setting::Off,
                Setting::Is(text) => Setting::Is(text),
            }
        }
        match key {
            keys::CALLER => said(self.caller.as_ref()),
            keys::SCHEME => said(self.scheme.as_ref()),
            keys::SHARD_KEY => setting(&self.shard_key),
            keys::ROUTING_DELEGATE => setting(&self.routing_delegate),
            keys::ROUTING_KEY => setting(&self.routing_key),
            keys::FAILURE_DOMAIN => setting(&self.failure_domain),
            _ => Setting::Inherit,
        }
    }
}

/// Headers with a field and no default.
const OPTIONAL: [&str; 4] =
    [keys::SHARD_KEY, keys::ROUTING_DELEGATE, keys::ROUTING_KEY, keys::FAILURE_DOMAIN];

#[cfg(test)]
mod tests;
