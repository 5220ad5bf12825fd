//! Names of functions, made comparable between two builds.
//!
//! A symbol changes with every build: it ends in a hash, the optimiser adds suffixes, and the
//! two manglings of Rust, which one binary mixes, spell closures and impls differently. A
//! normalised name keeps what a reader would call the function, and nothing else:
//!
//! | dropped or unified | example | becomes |
//! |---|---|---|
//! | hash | `a::f::h0123456789abcdef` | `a::f` |
//! | optimiser's suffixes | `f.llvm.123`, `f.cold` | `f` |
//! | generic arguments | `<a::S<u8>>::f::<u16>` | `a::S::f` |
//! | but not the impl | `<a::S<u8> as b::T<u16>>::f` | `<a::S as b::T>::f` |
//! | closures, async blocks | `{{closure}}`, `{closure#1}`, `{async_fn_env#0}` | `{closure}` |
//! | shims | `{{vtable.shim}}`, `{shim:vtable#0}` | `{shim}` |
//! | legacy impl blocks | `a::b::<impl c::T for a::S>::f` | `<a::S as c::T>::f` |
//! | lengths and elements | `[u8; 4]`, `[T]` | `[_]` |
//!
//! No normalised name holds `;` or a line break, which would break folded text.

mod grammar;
mod instance;

use std::{borrow::Cow, fmt};

pub use instance::type_arguments;

/// What stands for a function whose symbol is empty.
const NAMELESS: &str = "[nameless]";

/// The normalised name of a function, from its mangled symbol, its demangled name or its
/// normalised name; normalising twice changes nothing.
pub fn normalise(symbol: &str) -> String {
    let mut name = pass(symbol);
    // What is left after a suffix is gone may itself be a mangled symbol. Demangling an
    // identifier shortens it, so this ends.
    loop {
        let next = pass(&name);
        if next == name {
            return name;
        }
        name = next;
    }
}

fn pass(symbol: &str) -> String {
    let bare = without_suffixes(symbol.trim());
    match demangled(bare) {
        Some(name) => grammar::rust_name(&name).unwrap_or_else(|| printable(&name)),
        None => printable(&cplusplus(bare)),
    }
}

/// The Rust name behind a symbol; `None` if a C++ compiler mangled it.
fn demangled(symbol: &str) -> Option<Cow<'_, str>> {
    match rustc_demangle::try_demangle(symbol) {
        // The alternate form leaves out the hash and the crate disambiguators.
        Ok(name) => Some(Cow::Owned(format!("{name:#}"))),
        Err(_) if symbol.starts_with("_Z") => None,
        Err(_) => Some(Cow::Borrowed(symbol)),
    }
}

fn cplusplus(symbol: &str) -> Cow<'_, str> {
    let mut name = Bounded(String::new());
    let options = cpp_demangle::DemangleOptions::default();
    let written = cpp_demangle::BorrowedSymbol::new(symbol.as_bytes())
        .is_ok_and(|parsed| parsed.structured_demangle(&mut name, &options).is_ok());
    match written {
        true => Cow::Owned(name.0),
        false => Cow::Borrowed(symbol),
    }
}

/// The longest name that is written out; a longer one stays mangled.
const LONGEST_NAME_BYTES: usize = 1 << 16;

/// Text of a limited length. A C++ symbol names its parts by number, so that a short one can stand for a name that no memory
/// holds.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LONGEST_NAME_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// The symbol without what compilers and linkers append to it.
fn without_suffixes(mut symbol: &str) -> &str {
    // `malloc@@GLIBC_2.2.5`: the version of a dynamic symbol.
    if let Some((name, _version)) = symbol.split_once('@')
        && !name.is_empty()
    {
        symbol = name;
    }
    while let Some((name, suffix)) = symbol.rsplit_once('.') {
        let is_number = !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_word = SUFFIXES.contains(&suffix);
        // A number counts only behind a known word: `f.llvm.123`, not `f.123`.
        let word_before_number = || {
            name.rsplit_once('.')
                .is_some_and(|(_, w)| SUFFIXES.contains(&w))
        };
        if name.is_empty() || !(is_word || is_number && word_before_number()) {
            break;
        }
        symbol = name;
    }
    symbol
}

const SUFFIXES: [&str; 8] = [
    "llvm",
    "cold",
    "part",
    "constprop",
    "isra",
    "lto_priv",
    "exit",
    "warm",
];

/// The text on one line, with single spaces and without the separator of folded stacks.
pub(super) fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().map(|c| if c == ';' { ',' } else { c }));
        }
    }
    if line.is_empty() {
        NAMELESS.to_owned()
    } else {
        line
    }
}

#[cfg(test)]
mod tests;
