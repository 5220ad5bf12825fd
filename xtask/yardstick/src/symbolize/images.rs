//! The files that were mapped as code, and which of them an address of a process lies in.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use object::{CompressionFormat, Object, ObjectSection, ObjectSegment, SegmentFlags};

use super::Files;
use crate::model::{
    profile::NoSymbols,
    recording::{FileBytes, Module, Recording},
};

/// A mapped file before it is parsed: the bytes that [`Image`] borrows.
pub(super) struct ImageBytes {
    path: String,
    recorded_build_id: Option<Vec<u8>>,
    file: Option<FileBytes>,
    debug: Option<FileBytes>,
}

impl ImageBytes {
    /// Finds the bytes of every file that the recording names, once each.
    pub(super) fn of(recording: &Recording, files: Files<'_>) -> Vec<Self> {
        let mut paths: BTreeMap<&str, Option<&Vec<u8>>> = BTreeMap::new();
        for module in &recording.modules {
            let build_id = paths.entry(&module.path).or_default();
            *build_id = build_id.or(module.build_id.as_ref());
        }
        paths
            .into_iter()
            .map(|(path, build_id)| {
                let file = files(path);
                let debug = file
                    .as_ref()
                    .and_then(|file| separate_debug_file((**file).as_ref()))
                    .and_then(|path| files(&path));
                Self {
                    path: path.to_owned(),
                    recorded_build_id: build_id.cloned(),
                    file,
                    debug,
                }
            })
            .collect()
    }
}

/// Where distributions install the debug information of a file that has none of its own.
fn separate_debug_file(file: &[u8]) -> Option<String> {
    let elf = object::File::parse(file).ok()?;
    if elf.section_by_name(".debug_info").is_some() {
        return None;
    }
    let id: String = elf
        .build_id()
        .ok()??
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (head, tail) = id.split_at_checked(2)?;
    Some(format!("/usr/lib/debug/.build-id/{head}/{tail}.debug"))
}

/// A file that was mapped as code.
pub(super) struct Image<'a> {
    /// The file, as the kernel names it.
    pub(super) path: &'a str,
    /// Its contents, unless it cannot give names.
    pub(super) elf: Result<object::File<'a>, NoSymbols>,
    /// Its separate debug information, where installed.
    pub(super) debug: Option<object::File<'a>>,
    segments: Vec<Segment>,
}

struct Segment {
    file_offset: u64,
    file_end: u64,
    address: u64,
    executable: bool,
}

impl<'a> Image<'a> {
    pub(super) fn parse(bytes: &'a ImageBytes) -> Self {
        let elf = parse_recorded(bytes);
        let segments = elf.as_ref().map(segments_of).unwrap_or_default();
        let debug = bytes.debug.as_ref().filter(|_| elf.is_ok());
        Self {
            path: &bytes.path,
            elf,
            debug: debug.and_then(|debug| object::File::parse((**debug).as_ref()).ok()),
            segments,
        }
    }

    /// The address that the file itself gives to the byte at `file_offset`.
    fn stated_address(&self, file_offset: u64) -> u64 {
        let holding = |segment: &&Segment| {
            (segment.file_offset..segment.file_end).contains(&file_offset)
                // A mapping begins on a page, and its segment may begin later on it.
                || segment.file_offset.wrapping_sub(file_offset) < PAGE_BYTES
        };
        self.segments
            .iter()
            .filter(holding)
            // Neighbouring segments share a page; code is mapped for the executable one.
            .max_by_key(|segment| segment.executable)
            .map_or(file_offset, |segment| {
                segment
                    .address
                    .wrapping_sub(segment.file_offset)
                    .wrapping_add(file_offset)
            })
    }

    pub(super) fn section(&self, name: &str) -> Option<(u64, &'a [u8])> {
        let section = self.elf.as_ref().ok()?.section_by_name(name)?;
        // Unwind sections are loaded with the code, so they are never compressed.
        let data = section.compressed_data().ok()?;
        (data.format == CompressionFormat::None).then_some((section.address(), data.data))
    }
}

/// A section of debug information, unpacked; `None` where it is damaged.
pub(super) fn unpacked<'a>(section: &impl ObjectSection<'a>) -> Option<Cow<'a, [u8]>> {
    let data = section.compressed_data().ok()?;
    let most = (data.data.len() as u64).saturating_mul(MOST_TIMES_SMALLER);
    let possible = data.format == CompressionFormat::None || data.uncompressed_size <= most;
    possible.then(|| data.decompress().ok())?
}

/// How much smaller zlib can make anything. A section that claims more would take the memory it claims.
const MOST_TIMES_SMALLER: u64 = 1032;

/// Segments are aligned to pages; 64 KiB is the largest in use.
const PAGE_BYTES: u64 = 64 * 1024;

fn parse_recorded(bytes: &ImageBytes) -> Result<object::File<'_>, NoSymbols> {
    let file = bytes.file.as_ref().ok_or(NoSymbols::Unreadable)?;
    let elf = object::File::parse((**file).as_ref()).map_err(|_| NoSymbols::Unreadable)?;
    match (&bytes.recorded_build_id, elf.build_id()) {
        (Some(recorded), Ok(Some(found))) if !same_build(recorded, found) => {
            Err(NoSymbols::Rebuilt)
        }
        _ => Ok(elf),
    }
}

/// Recorders cut or pad build ids to 20 bytes.
fn same_build(recorded: &[u8], found: &[u8]) -> bool {
    recorded.iter().zip(found).all(|(a, b)| a == b)
}

fn segments_of(elf: &object::File<'_>) -> Vec<Segment> {
    elf.segments()
        .map(|segment| {
            let (file_offset, bytes) = segment.file_range();
            let executable = match segment.flags() {
                SegmentFlags::Elf { p_flags, .. } => p_flags.0 & object::elf::PF_X.0 != 0,
                _ => false,
            };
            Segment {
                file_offset,
                file_end: file_offset.saturating_add(bytes),
                address: segment.address(),
                executable,
            }
        })
        .collect()
}

/// A range of a process's addresses that shows an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The image, by position.
    pub(super) image: usize,
    /// What to subtract from an address of the process to get the file's own.
    pub(super) bias: u64,
}

/// The mappings of every process of a recording.
pub(super) struct AddressSpaces {
    by_process: HashMap<u32, Vec<Mapping>>,
}

impl AddressSpaces {
    pub(super) fn new(modules: &[Module], images: &[Image<'_>]) -> Self {
        let positions: HashMap<&str, usize> = images
            .iter()
            .enumerate()
            .map(|(at, image)| (image.path, at))
            .collect();
        let mut by_process: HashMap<u32, Vec<Mapping>> = HashMap::new();
        for module in modules {
            let Some(&image) = positions.get(module.path.as_str()) else {
                continue;
            };
            let bias = module
                .start
                .wrapping_sub(images[image].stated_address(module.file_offset));
            let mapping = Mapping {
                start: module.start,
                end: module.end,
                image,
                bias,
            };
            map(by_process.entry(module.pid).or_default(), mapping);
        }
        Self { by_process }
    }

    /// The mappings of a process, by rising address. A process that mapped nothing itself was
    /// forked, and has its parent's.
    pub(super) fn of(&self, pid: u32) -> &[Mapping] {
        self.by_process
            .get(&pid)
            .or_else(|| {
                self.by_process
                    .values()
                    .max_by_key(|mappings| mappings.len())
            })
            .map_or(&[], Vec::as_slice)
    }
}

/// Adds a mapping; where it lies over older ones, it replaces them, as in the kernel.
fn map(mappings: &mut Vec<Mapping>, new: Mapping) {
    if new.start >= new.end {
        return;
    }
    let mut kept = Vec::with_capacity(mappings.len() + 2);
    for old in mappings.drain(..) {
        if old.start < new.start {
            kept.push(Mapping {
                end: old.end.min(new.start),
                ..old.clone()
            });
        }
        if old.end > new.end {
            kept.push(Mapping {
                start: old.start.max(new.end),
                ..old
            });
        }
    }
    kept.push(new);
    kept.sort_unstable_by_key(|mapping| mapping.start);
    *mappings = kept;
}

/// The mapping that holds an address.
pub(super) fn find(mappings: &[Mapping], address: u64) -> Option<&Mapping> {
    let next = mappings.partition_point(|mapping| mapping.start <= address);
    mappings[..next]
        .last()
        .filter(|mapping| address < mapping.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(start: u64, end: u64, image: usize) -> Mapping {
        Mapping {
            start,
            end,
            image,
            bias: 0,
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the file is this test itself")]
    fn a_segment_that_should_end_behind_the_last_byte_there_can_be_is_read() {
        let mut elf = std::fs::read(std::env::current_exe().expect("tests have a file"))
            .expect("it can be read");
        let first_segment = u64::from_le_bytes(elf[32..40].try_into().expect("8 bytes"));
        // Offset, two addresses, size in the file.
        for field in [8, 32] {
            let at = first_segment as usize + field;
            elf[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        }
        let file = object::File::parse(&*elf).expect("its header is whole");
        assert!(!segments_of(&file).is_empty());
    }

    #[test]
    fn a_later_mapping_replaces_what_it_lies_over() {
        let mut mappings = Vec::new();
        for new in [
            mapping(10, 50, 0),
            mapping(60, 70, 1),
            mapping(20, 30, 2),
            mapping(45, 65, 3),
        ] {
            map(&mut mappings, new);
        }
        let images: Vec<_> = mappings.iter().map(|m| (m.start, m.end, m.image)).collect();
        assert_eq!(
            images,
            [
                (10, 20, 0),
                (20, 30, 2),
                (30, 45, 0),
                (45, 65, 3),
                (65, 70, 1)
            ]
        );
    }

    #[test]
    fn an_address_is_found_in_its_mapping_and_in_no_gap() {
        let mappings = [mapping(10, 20, 0), mapping(30, 40, 1)];
        let image = |address| find(&mappings, address).map(|mapping| mapping.image);
        assert_eq!(
            [9, 10, 19, 20, 30, 40].map(image),
            [None, Some(0), Some(0), None, Some(1), None]
        );
    }

    #[test]
    fn addresses_of_a_loaded_file_become_the_files_own() {
        let image = Image {
            path: "a",
            elf: Err(NoSymbols::Unreadable),
            debug: None,
            segments: vec![
                Segment {
                    file_offset: 0,
                    file_end: 0x5f00,
                    address: 0,
                    executable: false,
                },
                Segment {
                    file_offset: 0x5f00,
                    file_end: 0x9000,
                    address: 0x6f00,
                    executable: true,
                },
            ],
        };
        // The kernel maps whole pages: from 0x5000, where the code begins at 0x5f00.
        assert_eq!(image.stated_address(0x5000), 0x6000);
        let module = Module {
            pid: 7,
            start: 0x7f00_0000_6000,
            end: 0x7f00_0000_a000,
            file_offset: 0x5000,
            path: "a".to_owned(),
            build_id: None,
        };
        let spaces = AddressSpaces::new(&[module], &[image]);
        assert_eq!(spaces.of(7)[0].bias, 0x7f00_0000_0000);
        assert_eq!(
            spaces.of(8),
            spaces.of(7),
            "a forked process has its parent's mappings"
        );
    }

    #[test]
    fn a_build_id_cut_to_what_the_recorder_keeps_is_the_same_build() {
        assert!(same_build(&[1, 2, 3, 0], &[1, 2, 3]));
        assert!(same_build(&[1, 2], &[1, 2, 3]));
        assert!(!same_build(&[1, 9], &[1, 2, 3]));
    }
}
