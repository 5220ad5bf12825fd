//! What the names of two functions have in common.

use crate::model::layers::path_of;

/// Fewer letters in common are those of two words: `encode` and `decode` have two thirds.
const SIMILAR_LETTERS: f64 = 0.7;

/// A normalised name in its parts.
#[derive(Clone, Debug)]
pub(super) struct Name<'n> {
    /// All of it.
    pub(super) whole: &'n str,
    /// The path of its module or type: `a`, `b`, `S` of `a::b::S::f::{closure}` and of `<a::b::S as T>::f`.
    pub(super) place: Vec<&'n str>,
    /// The trait whose method it is, if it says so: `T`, without its path.
    pub(super) of_trait: Option<&'n str>,
    /// The function itself: `f`.
    pub(super) function: &'n str,
    /// Which closure in it: `::{closure}`, or nothing.
    pub(super) inner: &'n str,
}

impl<'n> Name<'n> {
    pub(super) fn new(whole: &'n str) -> Self {
        let outer = whole.find("::{").map_or(whole, |at| &whole[..at]);
        let inner = &whole[outer.len()..];
        let (path, function) = match outer.rfind(">::") {
            Some(at) if outer.starts_with('<') => (path_of(outer), &outer[at + 3..]),
            _ => outer.rsplit_once("::").unwrap_or(("", outer)),
        };
        let of_trait = outer.starts_with('<').then(|| {
            let of_trait = outer.split_once(" as ").map_or("", |(_, rest)| rest);
            let of_trait = of_trait
                .split_once(">::")
                .map_or(of_trait, |(name, _)| name);
            of_trait.rsplit("::").next().unwrap_or(of_trait)
        });
        Self {
            whole,
            place: path.split("::").filter(|part| !part.is_empty()).collect(),
            of_trait,
            function,
            inner,
        }
    }

    /// Whether the function itself, with its trait, is called the same.
    pub(super) fn is_namesake_of(&self, other: &Name<'_>) -> bool {
        self.function == other.function
            && self.inner == other.inner
            && self.of_trait == other.of_trait
    }

    /// How many parts of the two places agree, from the function outwards.
    pub(super) fn common_end(&self, other: &Name<'_>) -> usize {
        let pairs = self.place.iter().rev().zip(other.place.iter().rev());
        pairs.take_while(|(mine, its)| mine == its).count()
    }

    /// What of the place changes between two namesakes: `a::old` and `a::new` of `a::old::S` and `a::new::S`.
    pub(super) fn move_to(&self, other: &Name<'n>) -> (Vec<&'n str>, Vec<&'n str>) {
        let common = self.common_end(other);
        let part = |name: &Name<'n>| name.place[..name.place.len() - common].to_vec();
        (part(self), part(other))
    }

    /// How much of the two functions' own names agrees, from 0 to 1: by words (Dice 1945) or by
    /// letters (Levenshtein 1966), whichever is more. 0 where one is a closure and the other none.
    pub(super) fn similarity(&self, other: &Name<'_>) -> f64 {
        if self.inner != other.inner || self.of_trait.is_some() != other.of_trait.is_some() {
            return 0.0;
        }
        let words = |name: &'_ str| -> Vec<String> {
            let words = name.split('_').filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let (mine, its) = (words(self.function), words(other.function));
        let common = mine.iter().filter(|word| its.contains(word)).count();
        let dice = 2.0 * common as f64 / (mine.len() + its.len()).max(1) as f64;
        let letters = strsim::normalized_levenshtein(self.function, other.function);
        match letters >= SIMILAR_LETTERS {
            true => dice.max(letters),
            false => dice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_place_a_trait_and_a_function() {
        let name = Name::new("a::b::S::f::{closure}::{closure}");
        assert_eq!(name.place, ["a", "b", "S"]);
        assert_eq!(
            (name.of_trait, name.function, name.inner),
            (None, "f", "::{closure}::{closure}")
        );
        let name = Name::new("<a::b::S as c::d::T>::f");
        assert_eq!(name.place, ["a", "b", "S"]);
        assert_eq!((name.of_trait, name.function), (Some("T"), "f"));
        let name = Name::new("main");
        assert!(name.place.is_empty() && name.function == "main");
    }

    #[test]
    fn namesakes_differ_in_their_places() {
        let [old, new] = ["a::old::S::f", "a::new::S::f"].map(Name::new);
        assert!(old.is_namesake_of(&new));
        assert_eq!(old.common_end(&new), 1);
        assert_eq!(old.move_to(&new), (vec!["a", "old"], vec!["a", "new"]));
        let [copy, clone] = ["<a::S as b::Copy>::f", "<a::S as b::Clone>::f"].map(Name::new);
        assert!(!copy.is_namesake_of(&clone));
    }

    #[test]
    fn similar_names_share_words_or_letters() {
        for (a, b, similar) in [
            ("process_step", "process_steps", true),
            ("enqueue_ready", "enqueue_ready_steps", true),
            ("hash", "hash_key", true),
            ("encode", "decode", false),
            ("linear_search", "hash_lookup", false),
            ("f::{closure}", "f", false),
        ] {
            let similarity = Name::new(a).similarity(&Name::new(b));
            assert_eq!(similarity >= 2.0 / 3.0, similar, "{a}, {b}: {similarity}");
        }
    }
}
