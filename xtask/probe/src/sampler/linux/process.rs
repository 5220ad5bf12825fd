//! What `/proc` tells about this process: mapped files and threads.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::wire::recording::Module;

/// The executable mappings of this process that have a name, with the build ids of their files.
pub(super) fn modules() -> Vec<Module> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut build_ids = HashMap::new();
    maps.lines()
        .filter_map(parse_executable_mapping)
        .map(|mut module| {
            let id = build_ids
                .entry(module.path.clone())
                .or_insert_with_key(|path| build_id(Path::new(path)));
            module.build_id.clone_from(id);
            module
        })
        .collect()
}

/// The name of a thread of this process; none if it has ended.
pub(super) fn thread_name(tid: u32) -> Option<String> {
    let name = fs::read(format!("/proc/self/task/{tid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end().to_owned())
}

/// Parses `start-end perms offset dev inode path`.
fn parse_executable_mapping(line: &str) -> Option<Module> {
    let mut rest = line;
    let mut field = || {
        let trimmed = rest.trim_start();
        let (field, after) = trimmed.split_once(' ')?;
        rest = after;
        Some(field)
    };
    let (range, permissions, offset) = (field()?, field()?, field()?);
    let (_device, _inode) = (field()?, field()?);
    let path = rest.trim_start();
    if !permissions.contains('x') || path.is_empty() {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let hexadecimal = |text: &str| u64::from_str_radix(text, 16).ok();
    Some(Module {
        start: hexadecimal(start)?,
        end: hexadecimal(end)?,
        file_offset: hexadecimal(offset)?,
        build_id: Vec::new(),
        path: path.strip_suffix(" (deleted)").unwrap_or(path).to_owned(),
    })
}

/// The build id in a little-endian 64-bit ELF file; empty if there is none to be read.
fn build_id(path: &Path) -> Vec<u8> {
    if !path.is_absolute() {
        return Vec::new();
    }
    File::open(path)
        .ok()
        .and_then(|mut file| read_build_id(&mut file))
        .unwrap_or_default()
}

fn read_build_id(file: &mut (impl Read + Seek)) -> Option<Vec<u8>> {
    const ELF_64_LITTLE_ENDIAN: &[u8] = b"\x7fELF\x02\x01";
    const SEGMENT_KIND_NOTE: u64 = 4;
    /// Notes hold a few ids; a larger segment is none.
    const NOTES_LIMIT_BYTES: u64 = 64 * 1024;

    let header = read_at(file, 0, 64)?;
    if !header.starts_with(ELF_64_LITTLE_ENDIAN) {
        return None;
    }
    let table_offset = number(&header, 0x20, 8)?;
    let entry_size = number(&header, 0x36, 2)?;
    let entry_count = number(&header, 0x38, 2)?;
    for index in 0..entry_count {
        let entry = read_at(file, table_offset.checked_add(index * entry_size)?, 56)?;
        if number(&entry, 0, 4)? != SEGMENT_KIND_NOTE {
            continue;
        }
        let (offset, size) = (number(&entry, 0x08, 8)?, number(&entry, 0x20, 8)?);
        if size > NOTES_LIMIT_BYTES {
            continue;
        }
        if let Some(id) = find_build_id(&read_at(file, offset, size as usize)?) {
            return Some(id);
        }
    }
    None
}

/// Walks notes: three 4-byte numbers (name size, content size, kind), name and content, both padded to 4 bytes.
fn find_build_id(mut notes: &[u8]) -> Option<Vec<u8>> {
    const KIND_BUILD_ID: u64 = 3;
    while !notes.is_empty() {
        let name_size = number(notes, 0, 4)? as usize;
        let content_size = number(notes, 4, 4)? as usize;
        let name_end = 12 + name_size.next_multiple_of(4);
        let content = notes.get(name_end..name_end + content_size)?;
        if number(notes, 8, 4)? == KIND_BUILD_ID && notes.get(12..12 + name_size)? == b"GNU\0" {
            return Some(content.to_vec());
        }
        notes = notes
            .get(name_end + content_size.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    None
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(offset)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn number(bytes: &[u8], offset: usize, length: usize) -> Option<u64> {
    let mut value = [0; 8];
    value[..length].copy_from_slice(bytes.get(offset..offset + length)?);
    Some(u64::from_le_bytes(value))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn only_executable_mappings_with_a_name_are_modules() {
        let line = "7f10a000-7f10c000 r-xp 00001000 08:01 4711                       /usr/lib/with a space.so";
        let module = parse_executable_mapping(line).expect("the mapping is executable");
        assert_eq!(
            (module.start, module.end, module.file_offset),
            (0x7f10_a000, 0x7f10_c000, 0x1000)
        );
        assert_eq!(module.path, "/usr/lib/with a space.so");
        assert_eq!(
            parse_executable_mapping("7f10a000-7f10c000 r--p 00001000 08:01 4711 /usr/lib/a.so"),
            None
        );
        assert_eq!(
            parse_executable_mapping("7f10a000-7f10c000 r-xp 00000000 00:00 0 "),
            None
        );
    }

    #[test]
    fn a_replaced_executable_keeps_its_path() {
        let line = "7f10a000-7f10c000 r-xp 00000000 08:01 4711 /bin/bench (deleted)";
        assert_eq!(
            parse_executable_mapping(line)
                .map(|module| module.path)
                .as_deref(),
            Some("/bin/bench")
        );
    }

    #[test]
    fn this_executable_is_among_the_modules() {
        let path = std::env::current_exe().expect("Linux tells");
        let modules = modules();
        assert!(
            modules.iter().any(|module| Path::new(&module.path) == path),
            "{modules:?}"
        );
    }

    #[test]
    fn the_build_id_is_found_behind_other_notes() {
        let mut notes = Vec::new();
        for (kind, content) in [(1u32, &b"\x01\x02\x03"[..]), (3, b"\xAA\xBB\xCC\xDD")] {
            notes.extend(4u32.to_le_bytes());
            notes.extend((content.len() as u32).to_le_bytes());
            notes.extend(kind.to_le_bytes());
            notes.extend(b"GNU\0");
            notes.extend(content);
            notes.resize(notes.len().next_multiple_of(4), 0);
        }
        assert_eq!(find_build_id(&notes), Some(vec![0xAA, 0xBB, 0xCC, 0xDD]));
        assert_eq!(find_build_id(&notes[..20]), None);
    }

    #[test]
    fn a_file_that_is_no_elf_file_has_no_build_id() {
        assert_eq!(read_build_id(&mut Cursor::new(vec![b'#'; 200])), None);
        let mut damaged = vec![0xFF; 200];
        damaged[..6].copy_from_slice(b"\x7fELF\x02\x01");
        assert_eq!(read_build_id(&mut Cursor::new(damaged)), None);
    }

    #[test]
    fn the_calling_thread_has_its_name() {
        let name = std::thread::Builder::new()
            .name("named".to_owned())
            .spawn(|| thread_name(super::super::signal::current_tid()))
            .expect("a thread can be started")
            .join()
            .expect("it does not panic");
        assert_eq!(name.as_deref(), Some("named"));
        assert_eq!(thread_name(u32::MAX), None);
    }
}
