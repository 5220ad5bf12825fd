//! What is written, apart from what the program works with: the two change for different reasons.
//!
//! A change here that an older version could not read needs a new [`FORMAT`](super::FORMAT).

pub(super) mod benchmark;
pub(super) mod profile;
pub(super) mod provenance;

use serde::{Deserialize, Deserializer, Serializer};

/// A number that JSON may have no word for: what is not finite is written as `null` and read as NaN.
mod number {
    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        match value.is_finite() {
            true => serializer.serialize_f64(*value),
            false => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Option::<f64>::deserialize(deserializer).map(|value| value.unwrap_or(f64::NAN))
    }
}
