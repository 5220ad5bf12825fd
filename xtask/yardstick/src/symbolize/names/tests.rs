use proptest::prelude::*;

use super::normalise;

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (symbol, wanted) in table {
        assert_eq!(normalise(symbol), *wanted, "of {symbol}");
    }
}

#[test]
fn a_short_symbol_that_stands_for_an_endless_name_stays_as_it_is() {
    // Each type is a pair of the one before, which it names by a number of base 36.
    let digit = |value: u32| std::char::from_digit(value, 36).map(|c| c.to_ascii_uppercase());
    let mut symbol = "_Z1f1aIiiE".to_owned();
    for number in (0..72).step_by(2) {
        let digits = [number / 36, number % 36].map(digit);
        let number: String = digits.into_iter().flatten().collect();
        let number = number.trim_start_matches('0');
        let number = if number.is_empty() { "0" } else { number };
        symbol.push_str(&format!("1bIS{number}_S{number}_E"));
    }
    assert_eq!(normalise(&symbol), symbol);
    assert_eq!(normalise("_Z1f1aIiiE"), "f(a<int, int>)");
}

#[test]
fn mangled_symbols_lose_hash_and_disambiguators() {
    check(&[
        (
            "_ZN7runtime8workflow3run28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE",
            "runtime::workflow::run::{closure}",
        ),
        (
            "_ZN79_$LT$runtime..workflow..Store$u20$as$u20$runtime..actor..Handler$LT$u64$GT$$GT$6handle17h0123456789abcdefE",
            "<runtime::workflow::Store as runtime::actor::Handler>::handle",
        ),
        (
            "_ZN5alloc5slice29_$LT$impl$u20$$u5b$T$u5d$$GT$4sort17h0123456789abcdefE",
            "<[_]>::sort",
        ),
        (
            "_RNvNtCs1234_7runtime8workflow3run",
            "runtime::workflow::run",
        ),
        (
            "_RNCNvNtCs1234_7runtime8workflow3run0",
            "runtime::workflow::run::{closure}",
        ),
        ("_RINvNtC3std3mem8align_ofdE", "std::mem::align_of"),
        (
            "_RNvXs_C7runtimeNtB4_5StoreNtB4_7Handler6handle",
            "<runtime::Store as runtime::Handler>::handle",
        ),
        ("_RNvMs_C7runtimeNtB4_5Store3get", "runtime::Store::get"),
        ("_ZN9Outlinerr3runEi", "Outlinerr::run(int)"),
    ]);
}

#[test]
fn the_suffixes_of_optimiser_and_linker_go() {
    check(&[
        ("runtime::f.llvm.1234567890", "runtime::f"),
        ("_ZN1a1f17h0123456789abcdefE.llvm.12AB", "a::f"),
        ("_RNvC1a1f.cold", "a::f"),
        ("_int_malloc.part.0.constprop.1", "_int_malloc"),
        ("malloc@@GLIBC_2.2.5", "malloc"),
        ("a::f.cold.1::h0123456789abcdef", "a::f"),
        ("crc32.123", "crc32.123"),
    ]);
}

#[test]
fn both_manglings_spell_closures_and_shims_alike() {
    check(&[
        ("a::f::{{closure}}", "a::f::{closure}"),
        ("a::f::{closure#3}", "a::f::{closure}"),
        ("a::f::{closure_env#3}<u8>", "a::f::{closure}"),
        ("a::f::{async_fn#0}", "a::f::{closure}"),
        ("a::f::{async_fn_env#0}", "a::f::{closure}"),
        ("a::f::{async_block_env#1}", "a::f::{closure}"),
        ("a::f::{coroutine#0}", "a::f::{closure}"),
        ("a::F::call_once{{vtable.shim}}", "a::F::call_once::{shim}"),
        (
            "<a::F as b::G>::call::{shim:vtable#0}",
            "<a::F as b::G>::call::{shim}",
        ),
        ("a::{impl#4}::f", "a::{impl}::f"),
        ("a::X::{{constant}}", "a::X::{constant}"),
    ]);
}

#[test]
fn generic_arguments_go_and_impls_stay() {
    check(&[
        ("alloc::vec::Vec<T,A>::push", "alloc::vec::Vec::push"),
        ("<alloc::vec::Vec<u8>>::push", "alloc::vec::Vec::push"),
        (
            "core::ptr::drop_in_place<a::S<[u8; 4]>>",
            "core::ptr::drop_in_place",
        ),
        (
            "core::ptr::drop_in_place::<a::S>",
            "core::ptr::drop_in_place",
        ),
        ("a::f::<fn(u8) -> u16>", "a::f"),
        (
            "<T as core::convert::Into<U>>::into",
            "<T as core::convert::Into>::into",
        ),
        (
            "<alloc::boxed::Box<dyn core::ops::function::FnOnce<(), Output = ()> + core::marker::Send> as core::ops::function::FnOnce<()>>::call_once",
            "<alloc::boxed::Box as core::ops::function::FnOnce>::call_once",
        ),
        (
            "core::fmt::num::<impl core::fmt::Debug for u32>::fmt",
            "<u32 as core::fmt::Debug>::fmt",
        ),
        (
            "<<a::S as a::T>::Out as b::U<u8>>::f",
            "<<a::S as a::T>::Out as b::U>::f",
        ),
        ("<&mut a::S<'_> as a::T>::f", "<&mut a::S as a::T>::f"),
        ("<&'static str as a::T>::f", "<&str as a::T>::f"),
        ("<[u8; 16] as a::T>::f", "<[_] as a::T>::f"),
        ("<(A,B) as a::T>::f", "<(A, B) as a::T>::f"),
        (
            "<dyn a::T + core::marker::Send>::f",
            "<dyn a::T + core::marker::Send>::f",
        ),
        (
            "<dyn for<'a> core::ops::Fn(&'a u8) -> u8 + 'static>::f",
            "<dyn core::ops::Fn>::f",
        ),
        (
            "<unsafe extern \"C\" fn(u8) -> u8 as a::T>::f",
            "<fn as a::T>::f",
        ),
        ("<*const u8 as a::T>::f", "<*const u8 as a::T>::f"),
        ("<! as a::T>::f", "<! as a::T>::f"),
        (
            "std::thread::local::LocalKey<T>::with",
            "std::thread::local::LocalKey::with",
        ),
    ]);
}

#[test]
fn what_is_no_rust_name_is_kept_on_one_line() {
    check(&[
        ("__libc_start_call_main", "__libc_start_call_main"),
        ("operator new(unsigned long)", "operator new(unsigned long)"),
        ("operator<<", "operator<<"),
        ("a;b", "a,b"),
        ("a\n\tb", "a b"),
        ("", "[nameless]"),
        ("[runtime]", "[runtime]"),
    ]);
}

#[test]
fn deep_nesting_is_given_up_not_followed() {
    let deep = format!("<{}u8{} as a::T>::f", "&".repeat(100_000), "");
    assert_eq!(normalise(&deep), deep);
}

/// Text made of what names are made of, in any order.
fn name_like() -> impl Strategy<Value = String> {
    let tokens = prop::sample::select(vec![
        "a",
        "Vec",
        "::",
        "::",
        "<",
        ">",
        " as ",
        "{closure#0}",
        "{{closure}}",
        "{",
        "}",
        "<impl ",
        " for ",
        "&",
        "*const ",
        "[",
        "]",
        "; 4",
        "(",
        ")",
        ", ",
        "dyn ",
        " + ",
        "fn",
        " -> ",
        "'a ",
        "h0123456789abcdef",
        ".llvm.",
        "12",
        ".cold",
        ";",
        "\n",
        "_ZN1a1bE",
        "_RNvC1a1b",
        "@",
        "!",
        "_",
        "é",
        " ",
        "mut ",
    ]);
    prop::collection::vec(tokens, 0..24).prop_map(|tokens| tokens.concat())
}

/// A path without generic arguments.
fn path() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z][a-zA-Z0-9_]{0,8}", 1..6)
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(name in prop_oneof![name_like(), any::<String>()]) {
        let once = normalise(&name);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn a_name_is_one_line_without_separators(name in prop_oneof![name_like(), any::<String>()]) {
        let name = normalise(&name);
        prop_assert!(!name.is_empty());
        prop_assert!(!name.contains(';') && !name.contains(char::is_control), "{:?}", name);
        prop_assert_eq!(name.trim(), &name);
    }

    #[test]
    fn generic_arguments_never_matter(path in path(), arguments in path()) {
        let plain = path.join("::");
        let arguments = arguments.join(", &");
        prop_assert_eq!(normalise(&format!("{plain}<{arguments}>")), normalise(&plain));
        prop_assert_eq!(normalise(&format!("{plain}::<{arguments}>")), normalise(&plain));
        prop_assert_eq!(normalise(&format!("<{plain}<{arguments}>>::f")), normalise(&format!("{plain}::f")));
    }

    #[test]
    fn hash_and_suffix_never_matter(path in path(), hash in "h[0-9a-f]{16}", number in 0u64..) {
        let plain = path.join("::");
        prop_assert_eq!(normalise(&format!("{plain}::{hash}")), normalise(&plain));
        prop_assert_eq!(normalise(&format!("{plain}.llvm.{number}")), normalise(&plain));
    }

    #[test]
    fn the_legacy_mangling_of_a_path_normalises_to_the_path(path in path()) {
        let mangled: String = path.iter().map(|segment| format!("{}{segment}", segment.len())).collect();
        let symbol = format!("_ZN{mangled}17h0123456789abcdefE");
        prop_assert_eq!(normalise(&symbol), normalise(&path.join("::")));
    }
}
