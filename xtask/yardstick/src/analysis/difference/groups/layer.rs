//! The layer of the program that a stack's time belongs to.

use crate::{
    analysis::difference::ledger::{Ledger, Name},
    model::{
        layers::{Layers, path_of},
        profile::{Origin, OriginKind},
    },
};

/// The layers of work that every program has, by the paths that hold it. The longest path counts.
const WORK: &[(&str, &[&str])] = &[
    (
        "serialisation",
        &[
            "serde",
            "serde_core",
            "serde_json",
            "serde_cbor",
            "rmp",
            "rmp_serde",
            "bincode",
            "postcard",
            "prost",
            "ciborium",
            "ciborium_ll",
            "simd_json",
            "sonic_rs",
            "bitcode",
            "rkyv",
            "borsh",
            "minicbor",
            "speedy",
            "toml",
            "quick_xml",
            "flatbuffers",
            "capnp",
        ],
    ),
    (
        "allocation",
        &[
            "alloc::alloc",
            "alloc::raw_vec",
            "std::alloc",
            "std::sys::alloc",
            "core::alloc",
            "__rustc::__rust_alloc",
            "__rustc::__rust_alloc_zeroed",
            "__rustc::__rust_dealloc",
            "__rustc::__rust_realloc",
            "__rust_alloc",
            "__rust_alloc_zeroed",
            "__rust_dealloc",
            "__rust_realloc",
            "tikv_jemallocator",
            "tikv_jemalloc_sys",
            "mimalloc",
            "libmimalloc_sys",
        ],
    ),
    (
        "locks",
        &[
            "std::sys::sync",
            "std::sys::pal::unix::futex",
            "std::sys::futex",
            "std::sync::mutex",
            "std::sync::poison",
            "std::sync::rwlock",
            "parking_lot",
            "parking_lot_core",
            "lock_api",
        ],
    ),
    ("tokio", &["tokio", "[runtime]"]),
    (
        "system",
        &["std::sys", "[vdso]", "[kernel]", "libc", "nix", "rustix"],
    ),
];

/// Functions of C libraries that allocate, by the beginning of their names without leading underscores.
const ALLOCATORS: [&str; 17] = [
    "malloc",
    "calloc",
    "realloc",
    "free",
    "cfree",
    "libc_malloc",
    "libc_calloc",
    "libc_realloc",
    "libc_free",
    "int_malloc",
    "int_free",
    "int_realloc",
    "unlink_chunk",
    "posix_memalign",
    "aligned_alloc",
    "memalign",
    "sysmalloc",
];

/// Functions of C libraries that wait for locks or wake who waits.
const LOCKS: [&str; 4] = [
    "pthread_mutex",
    "pthread_rwlock",
    "pthread_cond",
    "lll_lock",
];

/// Functions of C libraries that do the work of whoever calls them: they copy, fill and compare bytes.
const BYTES: [&str; 6] = ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"];

/// The layer of every frame and of every stack.
///
/// Own time belongs to the frame nearest the leaf that has a layer: one that the manifest names, or one of work that every
/// program has (serialisation, allocation, locks, tokio, system). So what a mailbox spends in the allocator is allocation,
/// and what it spends in a vector is the mailbox's. Functions that move bytes belong to their caller. A stack without any such
/// frame belongs to `std`, `dependencies` or `other`, by what its leaf is; each stack belongs to one layer.
pub(in crate::analysis::difference) struct LayerOf<'l> {
    frames: Vec<Option<&'l str>>,
    leaves: Vec<&'static str>,
}

impl<'l> LayerOf<'l> {
    pub(in crate::analysis::difference) fn new(ledger: &Ledger<'_>, layers: &'l Layers) -> Self {
        let all = ledger.names.iter().zip(&ledger.origins);
        Self {
            frames: all
                .clone()
                .map(|(name, origin)| layers.of(name).or_else(|| work(name, *origin)))
                .collect(),
            leaves: all.map(|(_, origin)| rest(*origin)).collect(),
        }
    }

    /// The layer that a frame has by its name.
    pub(in crate::analysis::difference) fn frame(&self, name: Name) -> Option<&'l str> {
        self.frames[name]
    }

    /// The layer that a stack's own time belongs to.
    pub(in crate::analysis::difference) fn stack(&self, stack: &[Name]) -> &'l str {
        let nearest = stack.iter().rev().find_map(|&name| self.frame(name));
        let rest = || stack.last().map_or(OTHER, |&leaf| self.leaves[leaf]);
        nearest.unwrap_or_else(rest)
    }
}

const OTHER: &str = "other";

fn rest(origin: Option<&Origin>) -> &'static str {
    match origin.map(|origin| origin.kind) {
        Some(OriginKind::Standard) => "std",
        Some(OriginKind::Dependency) => "dependencies",
        _ => OTHER,
    }
}

/// The layer of work that a function belongs to wherever it is called from.
pub(in crate::analysis::difference) fn work(
    function: &str,
    origin: Option<&Origin>,
) -> Option<&'static str> {
    let is_native = origin.is_some_and(|origin| origin.kind == OriginKind::Native);
    if is_native || !function.contains("::") && !function.starts_with(['[', '<']) {
        if let Some(layer) = native(function) {
            return layer;
        }
        if is_native {
            return Some("system");
        }
    }
    if is_serialiser(function) {
        return Some("serialisation");
    }
    let mut path = path_of(function);
    loop {
        let named = |(_, paths): &&(&str, &[&str])| paths.contains(&path);
        if let Some((layer, _)) = WORK.iter().find(named) {
            return Some(layer);
        }
        path = path.rsplit_once("::")?.0;
    }
}

/// What a function of C libraries does; `Some(None)` where it is its caller's work.
fn native(function: &str) -> Option<Option<&'static str>> {
    let bare = function.trim_start_matches('_');
    let begins = |names: &[&str]| names.iter().any(|name| bare.starts_with(name));
    if BYTES.iter().any(|name| bare.contains(name)) {
        Some(None)
    } else if begins(&ALLOCATORS) {
        Some(Some("allocation"))
    } else if begins(&LOCKS) || bare.contains("futex") {
        Some(Some("locks"))
    } else {
        None
    }
}

/// A derived or hand-written `Serialize` or `Deserialize` is serialisation, whoever's type it is for.
fn is_serialiser(function: &str) -> bool {
    [
        " as serde::ser::",
        " as serde::de::",
        " as serde_core::ser::",
        " as serde_core::de::",
    ]
    .iter()
    .any(|of_trait| function.contains(of_trait))
}

/// Whether a function passes messages: it belongs to a layer of that name, or to the channels of std or of a
/// well-known crate.
pub(in crate::analysis::difference) fn passes_messages(
    function: &str,
    layer: Option<&str>,
) -> bool {
    const LAYERS: [&str; 8] = [
        "mailbox",
        "mailboxes",
        "message",
        "messages",
        "messaging",
        "broker",
        "channel",
        "channels",
    ];
    const CHANNELS: [&str; 9] = [
        "std::sync::mpsc::",
        "std::sync::mpmc::",
        "tokio::sync::mpsc::",
        "tokio::sync::oneshot::",
        "tokio::sync::broadcast::",
        "tokio::sync::watch::",
        "crossbeam_channel::",
        "flume::",
        "async_channel::",
    ];
    let path = path_of(function);
    layer.is_some_and(|layer| LAYERS.contains(&layer))
        || CHANNELS.iter().any(|channel| path.starts_with(channel))
}
