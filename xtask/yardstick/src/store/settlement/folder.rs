//! Where a comparison lies.

use crate::{
    model::{comparison::Sides, digest::sha256},
    store::{
        COMPARISONS,
        layout::{MAX_BYTES, is_plain},
    },
};

/// The name of the working tree. No other name becomes this: its first character never stays.
const WORKING_TREE: &str = "@working-tree";

/// The folder of the comparisons of two sides, below that of the captures. It holds one folder for each run, named by its number.
///
/// Different names give different folders: a name that is kept has no `..` in it and no dot at an end, and one that is
/// changed has no dot at all.
pub fn folder(names: Sides<&str>) -> String {
    let Sides { before, after } = names.map(side);
    format!("{COMPARISONS}/{before}..{after}")
}

/// A name that can be read and is different for different names: `feature/x` becomes `feature.x`, and whatever else has to be
/// changed brings a part of the name's hash with it, behind a character that no kept name has.
fn side(name: &str) -> String {
    if name == "." {
        return WORKING_TREE.to_owned();
    }
    let parts = || name.split('/');
    let is_kept = parts().all(|part| !part.is_empty() && part.chars().all(is_plain));
    if is_kept && name.len() <= MAX_BYTES {
        return name.replace('/', ".");
    }
    let readable: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .take(MAX_BYTES - 9)
        .collect();
    format!("{readable}+{}", &sha256(name.as_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn of(before: &str, after: &str) -> String {
        folder(Sides { before, after })
    }

    #[test]
    fn the_names_that_people_use_stay_readable() {
        assert_eq!(of("pre", "post"), "comparisons/pre..post");
        assert_eq!(of("main", "feature/x"), "comparisons/main..feature.x");
        assert_eq!(of("main", "."), "comparisons/main..@working-tree");
        let parent = of("HEAD~1", "HEAD");
        assert!(parent.starts_with("comparisons/HEAD_1+"), "{parent}");
        assert!(parent.ends_with("..HEAD"), "{parent}");
    }

    proptest! {
        #[test]
        fn other_names_are_other_folders_and_safe_ones(
            names in proptest::collection::btree_set(("[a.@/~_-]{1,4}", "[a.@/~_-]{1,4}"), 2..12)
        ) {
            let folders: BTreeSet<String> = names.iter().map(|(before, after)| of(before, after)).collect();
            prop_assert_eq!(folders.len(), names.len(), "{:?}", names);
            for folder in folders {
                let last = folder.strip_prefix("comparisons/").expect("it lies there");
                prop_assert!(!last.contains('/') && !last.starts_with('.') && last.len() < 256, "{}", folder);
            }
        }
    }
}
