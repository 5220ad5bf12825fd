//! Puts each file of a profile at a place of its own in an address space.

use std::collections::BTreeSet;

use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf, read};

use super::super::recording::FindBinary;
use super::schema::Library;
use crate::model::recording::Module;

/// Between the places of two files; larger than any file, and small enough for thousands of them.
const DISTANCE: u64 = 1 << 40;

/// Where the files of a profile lie.
pub(super) struct Placement {
    files: Vec<PlacedFile>,
}

struct PlacedFile {
    is_kernel: bool,
    /// Mappings of the file as code, without a process.
    modules: Vec<Module>,
}

/// A part of a file that is loaded as code.
struct CodeSegment {
    /// From the file's lowest address on.
    relative_address: u64,
    bytes: u64,
    file_offset: u64,
}

impl Placement {
    pub(super) fn of(libraries: &[Library], find_binary: FindBinary<'_>) -> Self {
        let files = libraries
            .iter()
            .enumerate()
            .map(|(index, library)| place(index, library, find_binary))
            .collect();
        Self { files }
    }

    /// The address of a place in a file; `None` in the kernel and for files the profile does not list.
    pub(super) fn address(&self, library: usize, relative: u64) -> Option<u64> {
        let file = self.files.get(library)?;
        let inside = relative < DISTANCE && !file.is_kernel;
        inside.then(|| base(library).saturating_add(relative))
    }

    /// Whether the kernel is among the files.
    pub(super) fn has_kernel(&self) -> bool {
        self.files.iter().any(|file| file.is_kernel)
    }

    /// The mappings of the files that processes were seen in: pairs of a process and an address.
    pub(super) fn modules(&self, seen: impl Iterator<Item = (u32, u64)>) -> Vec<Module> {
        let library = |address: u64| usize::try_from((address / DISTANCE).checked_sub(1)?).ok();
        let used: BTreeSet<(usize, u32)> = seen
            .filter_map(|(pid, address)| Some((library(address)?, pid)))
            .collect();
        used.into_iter()
            .filter_map(|(library, pid)| Some((self.files.get(library)?, pid)))
            .flat_map(|(file, pid)| {
                let modules = file.modules.iter().cloned();
                modules.map(move |module| Module { pid, ..module })
            })
            .collect()
    }
}

fn base(index: usize) -> u64 {
    // The first place stays free, so that no address is near zero.
    (index as u64 + 1).saturating_mul(DISTANCE)
}

fn place(index: usize, library: &Library, find_binary: FindBinary<'_>) -> PlacedFile {
    let is_kernel = library.name.starts_with("[kernel") || library.path.starts_with("[kernel");
    let bytes = (!is_kernel).then(|| find_binary(&library.path)).flatten();
    let segments = bytes.and_then(|bytes| code_segments((*bytes).as_ref()).ok());
    // Without the file nothing tells where its code lies: then all of it is code.
    let segments = segments.unwrap_or_else(|| {
        vec![CodeSegment {
            relative_address: 0,
            bytes: DISTANCE,
            file_offset: 0,
        }]
    });
    let build_id = library.code_id.as_deref().and_then(hexadecimal);
    let modules = segments.iter().map(|segment| {
        let start = base(index).saturating_add(segment.relative_address);
        Module {
            pid: 0,
            start,
            end: start.saturating_add(segment.bytes),
            file_offset: segment.file_offset,
            path: library.path.clone(),
            build_id: build_id.clone(),
        }
    });
    PlacedFile {
        is_kernel,
        modules: modules.collect(),
    }
}

/// The segments that the loader maps as code.
fn code_segments(bytes: &[u8]) -> read::Result<Vec<CodeSegment>> {
    let header = elf::FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, bytes)?;
    let loaded = || {
        let loaded = segments.iter();
        loaded.filter(move |segment| segment.p_type(endian) == elf::PT_LOAD)
    };
    let lowest = loaded().map(|segment| segment.p_vaddr(endian)).min();
    let code = loaded().filter(|segment| segment.p_flags(endian).0 & elf::PF_X.0 != 0);
    Ok(code
        .map(|segment| CodeSegment {
            relative_address: segment.p_vaddr(endian) - lowest.unwrap_or(0),
            bytes: segment.p_filesz(endian),
            file_offset: segment.p_offset(endian),
        })
        .collect())
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
