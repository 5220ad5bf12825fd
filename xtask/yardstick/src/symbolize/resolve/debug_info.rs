//! DWARF: functions with what was inlined into them, and their source files.

use std::{borrow::Cow, sync::Arc};

use addr2line::{
    Context,
    gimli::{self, EndianSlice, LittleEndian},
};
use object::Object;

use super::super::images::{Image, unpacked};

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// The debug sections of an image, uncompressed.
pub(super) struct Sections<'a>(Option<gimli::DwarfSections<Cow<'a, [u8]>>>);

impl<'a> Sections<'a> {
    /// Takes them from the file itself. Separate debug files belong to system libraries, of which only the
    /// symbol table is of interest: where they are not installed, names should be the same.
    pub(super) fn of(image: &Image<'a>) -> Self {
        let Ok(elf) = &image.elf else {
            return Self(None);
        };
        if elf.section_by_name(".debug_info").is_none() {
            return Self(None);
        }
        let sections = gimli::DwarfSections::load(|id| match elf.section_by_name(id.name()) {
            Some(section) => unpacked(&section).ok_or(()),
            None => Ok(Cow::Borrowed(&[][..])),
        });
        Self(sections.ok())
    }

    /// Prepares them for lookups: lists the compilation units, and reads none.
    pub(super) fn read(&self) -> Option<DebugInfo<'_>> {
        let sections = self.0.as_ref()?;
        let dwarf = sections.borrow(|section| EndianSlice::new(section, LittleEndian));
        Context::from_arc_dwarf(Arc::new(dwarf)).ok().map(DebugInfo)
    }
}

/// Debug information that remembers what it has read.
pub(super) struct DebugInfo<'a>(Context<Bytes<'a>>);

impl DebugInfo<'_> {
    /// Calls `visit` with symbol and source file of every function at `address`, the innermost
    /// inlined one first.
    pub(super) fn visit_frames(
        &self,
        address: u64,
        mut visit: impl FnMut(Option<&str>, Option<&str>),
    ) {
        // Units in split files are left out: their functions fall back to the symbol table.
        let Ok(mut frames) = self.0.find_frames(address).skip_all_loads() else {
            return;
        };
        while let Ok(Some(frame)) = frames.next() {
            let symbol = frame
                .function
                .as_ref()
                .and_then(|function| function.raw_name().ok());
            let file = frame.location.as_ref().and_then(|location| location.file);
            visit(symbol.as_deref(), file);
        }
    }
}
