//! `[workspace.metadata.yardstick.layers]`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::layers::Layers;

/// Reads the table: the names of layers, each with the paths that it holds.
///
/// # Errors
/// If a part of it has no meaning, or two layers name one path; in words, with its place.
pub(super) fn layers(value: &Value) -> Result<Layers, String> {
    let table = value.as_object().ok_or_else(|| {
        format!("the table holds names of layers, each with a list of paths; found `{value}`")
    })?;
    let mut by_path: BTreeMap<String, String> = BTreeMap::new();
    for (layer, value) in table {
        let paths = value
            .as_array()
            .ok_or_else(|| format!("`{layer}` is a list of paths; found `{value}`"))?;
        for value in paths {
            let path = path(layer, value)?;
            if let Some(other) = by_path.insert(path.to_owned(), layer.clone()) {
                return Err(format!(
                    "`{path}` is in `{other}` and in `{layer}`: it can be in one layer only"
                ));
            }
        }
    }
    Ok(Layers::new(by_path))
}

/// A path as functions are named: segments between `::`, without generic arguments.
fn path<'v>(layer: &str, value: &'v Value) -> Result<&'v str, String> {
    let is_segment = |segment: &str| {
        !segment.is_empty() && segment.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match value.as_str() {
        Some(path) if path.split("::").all(is_segment) => Ok(path),
        _ => Err(format!(
            "`{layer}`: a path is that of a module, a type or a function, like `app::store`; found `{value}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Layers, String> {
        layers(&toml::from_str(toml).expect("TOML"))
    }

    #[test]
    fn a_layer_holds_what_lies_below_its_paths() {
        let layers = read("store = ['app::store', 'app::cache']\nnet = ['hyper']").expect("valid");
        assert_eq!(layers.of("app::cache::Lru::get"), Some("store"));
        assert_eq!(layers.of("hyper::body::poll"), Some("net"));
        assert_eq!(layers.of("app::main"), None);
        assert_eq!(layers.names(), ["net", "store"]);
    }

    #[test]
    fn what_has_no_meaning_is_refused_with_its_place() {
        for (toml, words) in [
            ("store = 'app::store'", ["`store`", "list of paths"]),
            ("store = [1]", ["`store`", "`1`"]),
            ("store = ['app::<T>::f']", ["`store`", "app::<T>::f"]),
            ("store = ['']", ["`store`", "path"]),
            ("a = ['x::y']\nb = ['x::y']", ["`x::y`", "`a` and in `b`"]),
        ] {
            let error = read(toml).expect_err(toml);
            for word in words {
                assert!(error.contains(word), "{toml}: {error}");
            }
        }
    }
}
