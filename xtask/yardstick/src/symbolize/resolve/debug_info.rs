//! DWARF: functions with what was inlined into them, and their source files.

use std::{
    borrow::Cow,
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use addr2line::{
    Context,
    gimli::{
        self, AttributeValue, DebugInfoOffset, Dwarf, EndianSlice, LittleEndian, Unit, UnitHeader,
        UnitOffset, UnitRef,
    },
};
use object::Object;

use super::super::images::{Image, unpacked};

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// An entry refers to another one for its name, and that perhaps to a third.
const MOST_REFERENCES: usize = 8;

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
        let dwarf = Arc::new(dwarf);
        let context = Context::from_arc_dwarf(Arc::clone(&dwarf)).ok()?;
        Some(DebugInfo {
            context,
            units: Units::of(dwarf),
        })
    }
}

/// Debug information that remembers what it has read.
pub(super) struct DebugInfo<'a> {
    context: Context<Bytes<'a>>,
    units: Units<'a>,
}

/// What the debug information says about one function at an address.
pub(super) struct Found<'f> {
    /// Its symbol.
    pub(super) symbol: Option<Cow<'f, str>>,
    /// Its source file.
    pub(super) file: Option<&'f str>,
    /// Where it is described, for [`DebugInfo::stated_name`].
    pub(super) entry: Option<UnitOffset<usize>>,
}

impl DebugInfo<'_> {
    /// Calls `visit` with every function at `address`, the innermost inlined one first.
    pub(super) fn visit_frames(&self, address: u64, mut visit: impl FnMut(Found<'_>)) {
        // Units in split files are left out: their functions fall back to the symbol table.
        let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() else {
            return;
        };
        while let Ok(Some(frame)) = frames.next() {
            let symbol = frame
                .function
                .as_ref()
                .and_then(|function| function.raw_name().ok());
            visit(Found {
                symbol,
                file: frame.location.as_ref().and_then(|location| location.file),
                entry: frame.dw_die_offset,
            });
        }
    }

    /// The name that the source gives to a function at `address`. The compiler writes the types that a generic function is
    /// used with behind it, which symbols of the legacy mangling do not have: `{async_fn#0}<a::Counter>`.
    pub(super) fn stated_name(&self, address: u64, entry: UnitOffset<usize>) -> Option<String> {
        let unit = self.context.find_dwarf_and_unit(address).skip_all_loads()?;
        match own_name(unit, entry) {
            Name::Is(name) => Some(name),
            Name::In(elsewhere) => self.units.name_at(elsewhere),
            Name::Unknown => None,
        }
    }
}

/// What an entry says about its name.
enum Name {
    Is(String),
    /// An entry of another unit has it: functions are inlined across units.
    In(DebugInfoOffset<usize>),
    Unknown,
}

/// Follows the references within one unit.
fn own_name(unit: UnitRef<'_, Bytes<'_>>, mut offset: UnitOffset<usize>) -> Name {
    for _ in 0..MOST_REFERENCES {
        let Ok(entry) = unit.entry(offset) else {
            return Name::Unknown;
        };
        if let Some(name) = entry.attr_value(gimli::DW_AT_name) {
            let name = unit.attr_string(name).ok();
            return name.map_or(Name::Unknown, |name| {
                Name::Is(name.to_string_lossy().into_owned())
            });
        }
        let reference = entry
            .attr_value(gimli::DW_AT_abstract_origin)
            .or_else(|| entry.attr_value(gimli::DW_AT_specification));
        match reference {
            Some(AttributeValue::UnitRef(next)) => offset = next,
            Some(AttributeValue::DebugInfoRef(elsewhere)) => return Name::In(elsewhere),
            _ => return Name::Unknown,
        }
    }
    Name::Unknown
}

/// Units by their place in the section, for references across them.
struct Units<'a> {
    dwarf: Arc<Dwarf<Bytes<'a>>>,
    headers: OnceCell<Vec<(usize, UnitHeader<Bytes<'a>>)>>,
    /// Those that were read, by position in `headers`.
    read: RefCell<HashMap<usize, Option<Rc<Unit<Bytes<'a>>>>>>,
}

impl<'a> Units<'a> {
    fn of(dwarf: Arc<Dwarf<Bytes<'a>>>) -> Self {
        Self {
            dwarf,
            headers: OnceCell::new(),
            read: RefCell::default(),
        }
    }

    /// The name of the entry at an offset of the section.
    fn name_at(&self, mut offset: DebugInfoOffset<usize>) -> Option<String> {
        for _ in 0..MOST_REFERENCES {
            let unit = self.holding(offset)?;
            let within = offset.to_unit_offset(&unit.header)?;
            match own_name(UnitRef::new(&self.dwarf, &unit), within) {
                Name::Is(name) => return Some(name),
                Name::In(elsewhere) => offset = elsewhere,
                Name::Unknown => return None,
            }
        }
        None
    }

    fn holding(&self, offset: DebugInfoOffset<usize>) -> Option<Rc<Unit<Bytes<'a>>>> {
        let headers = self.headers.get_or_init(|| self.headers());
        let next = headers.partition_point(|(start, _)| *start <= offset.0);
        let at = next.checked_sub(1)?;
        let mut read = self.read.borrow_mut();
        let unit = read.entry(at).or_insert_with(|| {
            let header = headers[at].1;
            self.dwarf.unit(header).ok().map(Rc::new)
        });
        unit.clone()
    }

    fn headers(&self) -> Vec<(usize, UnitHeader<Bytes<'a>>)> {
        let mut headers = Vec::new();
        let mut units = self.dwarf.units();
        while let Ok(Some(header)) = units.next() {
            if let Some(start) = header.debug_info_offset() {
                headers.push((start.0, header));
            }
        }
        headers
    }
}
