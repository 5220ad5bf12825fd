//! The layers of a program, as its manifest names them.

use std::collections::BTreeMap;

/// The layers that a workspace names: `[workspace.metadata.yardstick.layers]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The layer of every path that the manifest names. A path stands for itself and all below it.
    by_path: BTreeMap<String, String>,
}

impl Layers {
    /// Layers from pairs of a path and the name of its layer.
    pub fn new(by_path: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            by_path: by_path.into_iter().collect(),
        }
    }

    /// The layer of a function, by its normalised name. Of several paths that hold it the longest one counts.
    /// `<runtime::mailbox::Inbox as X>::f` belongs where its type does.
    pub fn of(&self, function: &str) -> Option<&str> {
        let mut path = path_of(function);
        loop {
            if let Some(layer) = self.by_path.get(path) {
                return Some(layer);
            }
            path = path.rsplit_once("::")?.0;
        }
    }

    /// The names of the layers, in order and without repetition.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_path.values().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The path that says where a function is: of `<T as Trait>::f` that of `T`, without references around it.
pub fn path_of(function: &str) -> &str {
    let Some(qualified) = function.strip_prefix('<') else {
        return function;
    };
    let of_type = qualified
        .split_once(" as ")
        .map_or_else(|| qualified.trim_end_matches('>'), |(of_type, _)| of_type);
    of_type
        .trim_start_matches(['&', '*', '<', '['])
        .trim_start_matches("mut ")
        .trim_start_matches("const ")
        .trim_start_matches("dyn ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Layers {
        let pairs = [
            ("runtime::mailbox", "mailbox"),
            ("runtime::workflow", "workflow"),
            ("runtime::workflow::store", "store"),
        ];
        Layers::new(pairs.map(|(path, layer)| (path.to_owned(), layer.to_owned())))
    }

    #[test]
    fn the_longest_path_counts_and_ends_where_a_segment_does() {
        let layers = layers();
        for (function, layer) in [
            (
                "runtime::workflow::engine::run::{closure}",
                Some("workflow"),
            ),
            ("runtime::workflow::store::get", Some("store")),
            ("runtime::workflow::store", Some("store")),
            ("runtime::mailboxes::f", None),
            ("other::runtime::mailbox::f", None),
        ] {
            assert_eq!(layers.of(function), layer, "{function}");
        }
    }

    #[test]
    fn what_a_trait_asks_for_belongs_to_the_type() {
        let layers = layers();
        for function in [
            "<runtime::mailbox::Inbox as runtime::workflow::store::Store>::get",
            "<&mut runtime::mailbox::Inbox as core::iter::Iterator>::next",
            "<dyn runtime::mailbox::Push>::push",
        ] {
            assert_eq!(layers.of(function), Some("mailbox"), "{function}");
        }
    }
}
