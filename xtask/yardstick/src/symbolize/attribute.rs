//! Whose code a function is: its crate and module.
//!
//! The source file tells the package and not only the crate, and it tells the crate of `<T as Trait>::f`,
//! whose name may mention two. But of the innermost inlined function the debug information
//! sometimes gives the file of its neighbour; so a file that contradicts the name does not count.

use super::{images::Image, resolve::Frame};
use crate::model::profile::{Origin, OriginKind};

/// A member of the measured workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The package's name.
    pub package: String,
    /// The names of its crates besides the package's own: its bench targets.
    pub crates: Vec<String>,
    /// The absolute path of the folder of its manifest.
    pub root: String,
}

/// The probe is part of the measurement, even where it is a member of the workspace.
const PROBE_PACKAGE: &str = "yardstick-probe";

/// The crates of Rust's own libraries.
const STANDARD: [&str; 9] = [
    "__rustc",
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "panic_unwind",
    "std_detect",
    "compiler_builtins",
];

/// The types of the language, whose methods are Rust's own.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];

/// Where the crates lie that are part of Rust's own libraries, as their debug information says.
const STANDARD_DEPENDENCIES: &str = "/rust/deps/";

/// The origin of every frame, in order.
pub(super) fn origins(frames: &[Frame], images: &[Image<'_>], members: &[Member]) -> Vec<Origin> {
    let members: Vec<Member> = members
        .iter()
        .filter(|member| member.package != PROBE_PACKAGE)
        .cloned()
        .collect();
    frames
        .iter()
        .map(|frame| {
            let path = frame.image.map(|image| images[image].path);
            let image = path.map(|path| path.rsplit('/').next().unwrap_or(path));
            origin(&frame.function, frame.file.as_deref(), image, &members)
        })
        .collect()
}

/// The origin of a function, from its normalised name, its source file and the base name
/// of the mapped file.
pub(super) fn origin(
    function: &str,
    file: Option<&str>,
    image: Option<&str>,
    members: &[Member],
) -> Origin {
    if function.starts_with('[') {
        let kind = if image.is_some() {
            OriginKind::Native
        } else {
            OriginKind::Bracket
        };
        return Origin {
            kind,
            crate_name: image.unwrap_or(function).to_owned(),
            module: String::new(),
        };
    }
    let symbol_path = path_of(function);
    let by_file = file.and_then(|file| by_file(file, symbol_path.first().copied(), members));
    let by_symbol = by_symbol(&symbol_path, members);
    let (kind, crate_name) = by_file
        .filter(|(_, name)| {
            let is_bundled = file.is_some_and(|file| file.starts_with(STANDARD_DEPENDENCIES));
            by_symbol.is_none() || is_bundled || mentions(function, name, members)
        })
        .or(by_symbol)
        .unwrap_or_else(|| (OriginKind::Native, native_name(file, image)));
    let module = match kind {
        OriginKind::Native | OriginKind::Bracket => String::new(),
        // Rust's own libraries count as one crate, so theirs are modules.
        OriginKind::Standard => module(&symbol_path, 0).unwrap_or_default(),
        OriginKind::Workspace | OriginKind::Dependency => match symbol_path.first() {
            Some(first) if *first == crate_name => module(&symbol_path, 1).unwrap_or_default(),
            _ => file.map(module_of_file).unwrap_or_default(),
        },
    };
    Origin {
        kind,
        crate_name,
        module,
    }
}

/// Whether a name allows that its function is defined in this crate.
fn mentions(function: &str, crate_name: &str, members: &[Member]) -> bool {
    let mut words = function.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    words.any(|path| match path.split_once("::") {
        Some((first, _)) => {
            by_symbol(&[first, ""], members).is_some_and(|(_, name)| name == crate_name)
        }
        None => false,
    })
}

/// The crate that a source file belongs to.
fn by_file(
    file: &str,
    symbol_crate: Option<&str>,
    members: &[Member],
) -> Option<(OriginKind, String)> {
    if is_standard(file) {
        return Some((OriginKind::Standard, "std".to_owned()));
    }
    let member = members
        .iter()
        .filter(|member| below(file, &member.root).is_some())
        .max_by_key(|member| member.root.len());
    // A vendored crate or Cargo's home may lie below a member; what is nearer to the file decides.
    let dependency = dependency(file, symbol_crate);
    match (member, dependency) {
        (Some(member), Some((at, name))) if at >= member.root.len() => {
            Some((OriginKind::Dependency, name))
        }
        (Some(member), _) => Some((OriginKind::Workspace, crate_name(&member.package))),
        (None, Some((_, name))) => Some((OriginKind::Dependency, name)),
        (None, None) => None,
    }
}

/// Whether a file is one of the standard library's, as built by Rust's project or from `rust-src`.
fn is_standard(file: &str) -> bool {
    file.starts_with("/rustc/")
        || file.starts_with(STANDARD_DEPENDENCIES)
        || file.contains("/lib/rustlib/src/rust/library/")
        || file.starts_with("library/")
}

/// The crate that a file in Cargo's home or in a vendor folder belongs to, with the
/// position of that folder in the path.
fn dependency(file: &str, symbol_crate: Option<&str>) -> Option<(usize, String)> {
    if let Some(at) = file.find("/registry/src/") {
        // registry/src/<index>/<name>-<version>/…
        let folder = file[at..].split('/').nth(4)?;
        return Some((at, crate_name(without_version(folder))));
    }
    if let Some(at) = file.find("/git/checkouts/") {
        // git/checkouts/<repository>-<hash>/<commit>/…: several crates share a checkout.
        let repository = file[at..].split('/').nth(3)?;
        let by_checkout = || {
            crate_name(
                repository
                    .rsplit_once('-')
                    .map_or(repository, |(name, _)| name),
            )
        };
        return Some((at, symbol_crate.map_or_else(by_checkout, str::to_owned)));
    }
    let at = file.rfind("/vendor/")?;
    let folder = file[at..].split('/').nth(2)?;
    Some((at, crate_name(without_version(folder))))
}

/// `name` of `name-1.2.3`; a name may hold dashes and digits itself.
fn without_version(folder: &str) -> &str {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = |text: &str| {
        let mut parts = text.splitn(3, '.');
        parts.next().is_some_and(is_number)
            && parts.next().is_some_and(is_number)
            && parts
                .next()
                .is_some_and(|patch| patch.starts_with(|c: char| c.is_ascii_digit()))
    };
    folder
        .match_indices('-')
        .find(|(at, _)| is_version(&folder[at + 1..]))
        .map_or(folder, |(at, _)| &folder[..at])
}

fn by_symbol(path: &[&str], members: &[Member]) -> Option<(OriginKind, String)> {
    let first = *path.first()?;
    let is_member = |member: &&Member| {
        crate_name(&member.package) == first
            || member.crates.iter().any(|name| crate_name(name) == first)
    };
    if let Some(member) = members.iter().find(is_member) {
        return Some((OriginKind::Workspace, crate_name(&member.package)));
    }
    // Methods of slices, arrays and tuples are Rust's own, like those of primitive types.
    if STANDARD.contains(&first) || PRIMITIVES.contains(&first) || first.starts_with(['[', '(']) {
        return Some((OriginKind::Standard, "std".to_owned()));
    }
    // A single word is a C function.
    (path.len() > 1).then(|| (OriginKind::Dependency, first.to_owned()))
}

/// Foreign code is named by the library it is in.
fn native_name(file: Option<&str>, image: Option<&str>) -> String {
    image
        .or(file.and_then(|file| file.rsplit('/').next()))
        .unwrap_or("[native]")
        .to_owned()
}

/// The segments of the path that a name belongs to: of `<a::S as b::T>::f` those of `a::S::f`, and of
/// `<S as b::T>::f`, where `S` stands for any type, those of `b::T::f`. Only Rust's own libraries have
/// methods of such types without a trait.
fn path_of(function: &str) -> Vec<&str> {
    let own = function.starts_with('<').then(|| type_path(function));
    let (head, tail) = match own.flatten() {
        Some((own, rest)) => {
            let of_trait = rest.strip_prefix(" as ").and_then(type_path);
            let head = match of_trait {
                _ if own.contains("::") => own,
                Some((of_trait, _)) => of_trait,
                None => "core",
            };
            (
                head,
                function.rsplit_once(">::").map_or("", |(_, tail)| tail),
            )
        }
        None => (function, ""),
    };
    head.split("::")
        .chain(tail.split("::"))
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// The path of the type that a name begins with, and what follows it.
fn type_path(name: &str) -> Option<(&str, &str)> {
    let bare = name.trim_start_matches(['<', '&', '*']);
    let bare = ["mut ", "const ", "dyn "]
        .iter()
        .fold(bare, |text, word| text.trim_start_matches(word));
    bare.find([' ', '>']).map(|end| bare.split_at(end))
}

/// The module in a symbol's path: what lies between the first `skip` segments and the first type or
/// the function itself.
fn module(path: &[&str], skip: usize) -> Option<String> {
    let function = path
        .iter()
        .position(|segment| segment.starts_with('{'))
        .unwrap_or(path.len());
    let modules = path.get(skip..function.checked_sub(1)?)?;
    let is_module = |segment: &&&str| segment.starts_with(|c: char| c.is_lowercase() || c == '_');
    let modules: Vec<&str> = modules.iter().take_while(is_module).copied().collect();
    Some(modules.join("::"))
}

/// The module that a source file holds: `workflow::store` of `…/src/workflow/store.rs`.
fn module_of_file(file: &str) -> String {
    let Some((_, below)) = file.rsplit_once("/src/") else {
        return String::new();
    };
    let path = below.strip_suffix(".rs").unwrap_or(below);
    let mut segments: Vec<&str> = path.split('/').collect();
    if matches!(segments.last(), Some(&"mod" | &"lib" | &"main")) {
        segments.pop();
    }
    segments.join("::")
}

/// The part of `file` below the folder `root`.
fn below<'a>(file: &'a str, root: &str) -> Option<&'a str> {
    file.strip_prefix(root.trim_end_matches('/'))?
        .strip_prefix('/')
}

/// A package's name as Rust spells the crate's.
fn crate_name(package: &str) -> String {
    package.replace('-', "_")
}

#[cfg(test)]
mod tests;
