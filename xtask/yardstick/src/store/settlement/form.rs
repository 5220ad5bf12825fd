//! How working types that know nothing of their stored form get one inside of lists, options and pairs.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::model::comparison::Sides;

/// A stored form of `T`.
pub(super) trait Form<T>: Serialize + DeserializeOwned {
    /// The form of a value.
    fn of(value: &T) -> Self;
    /// The value again.
    fn back(self) -> T;
}

/// Writes and reads a field in a form: `#[serde(with = "As::<Vec<WireMode>>")]`.
pub(super) struct As<F>(PhantomData<F>);

impl<F> As<F> {
    pub(super) fn serialize<T, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        F: Form<T>,
    {
        F::of(value).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
    where
        F: Form<T>,
    {
        Ok(F::deserialize(deserializer)?.back())
    }
}

impl<T, F: Form<T>> Form<Vec<T>> for Vec<F> {
    fn of(values: &Vec<T>) -> Self {
        values.iter().map(F::of).collect()
    }

    fn back(self) -> Vec<T> {
        self.into_iter().map(F::back).collect()
    }
}

impl<T, F: Form<T>> Form<Option<T>> for Option<F> {
    fn of(value: &Option<T>) -> Self {
        value.as_ref().map(F::of)
    }

    fn back(self) -> Option<T> {
        self.map(F::back)
    }
}

/// What belongs to each side.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireSides<F> {
    before: F,
    after: F,
}

impl<T, F: Form<T>> Form<Sides<T>> for WireSides<F> {
    fn of(sides: &Sides<T>) -> Self {
        Self {
            before: F::of(&sides.before),
            after: F::of(&sides.after),
        }
    }

    fn back(self) -> Sides<T> {
        Sides {
            before: self.before.back(),
            after: self.after.back(),
        }
    }
}

/// A number, exactly: answers have to follow from it bit for bit. JSON has no word for what is not finite.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Finite(f64),
    Other(NotFinite),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum NotFinite {
    #[serde(rename = "nan")]
    NaN,
    #[serde(rename = "inf")]
    Infinite,
    #[serde(rename = "-inf")]
    NegativeInfinite,
}

impl Form<f64> for Number {
    fn of(value: &f64) -> Self {
        match *value {
            value if value.is_nan() => Self::Other(NotFinite::NaN),
            f64::INFINITY => Self::Other(NotFinite::Infinite),
            f64::NEG_INFINITY => Self::Other(NotFinite::NegativeInfinite),
            value => Self::Finite(value),
        }
    }

    fn back(self) -> f64 {
        match self {
            Self::Finite(value) => value,
            Self::Other(NotFinite::NaN) => f64::NAN,
            Self::Other(NotFinite::Infinite) => f64::INFINITY,
            Self::Other(NotFinite::NegativeInfinite) => f64::NEG_INFINITY,
        }
    }
}

/// Words are their own form.
impl Form<String> for String {
    fn of(value: &String) -> Self {
        value.clone()
    }

    fn back(self) -> String {
        self
    }
}

/// Makes of serde's definition of a foreign type a form of it.
macro_rules! form {
    ($form:ident, $value:ty, $definition:literal) => {
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub(super) struct $form(#[serde(with = $definition)] $value);

        impl $crate::store::settlement::form::Form<$value> for $form {
            fn of(value: &$value) -> Self {
                Self(value.clone())
            }

            fn back(self) -> $value {
                self.0
            }
        }
    };
}

pub(super) use form;
