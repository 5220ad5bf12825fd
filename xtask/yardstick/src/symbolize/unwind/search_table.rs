//! The table that finds the unwind information of an address: `.eh_frame_hdr`.

use addr2line::gimli::{BaseAddresses, EhFrameHdr, LittleEndian};

/// A section with the address that the file gives it.
type Section<'a> = (u64, &'a [u8]);

/// Whether every entry is there and points to a place from the start of `.eh_frame` on. Who reads the table takes that for
/// granted, and without the table finds the same by reading all of `.eh_frame` once.
pub(super) fn is_sound((address, table): Section<'_>, eh_frame: Option<Section<'_>>) -> bool {
    let mut bases = BaseAddresses::default().set_eh_frame_hdr(address);
    if let Some((address, _)) = eh_frame {
        bases = bases.set_eh_frame(address);
    }
    let Ok(header) = EhFrameHdr::new(table, LittleEndian).parse(&bases, 8) else {
        return false;
    };
    let Ok(start) = header.eh_frame_ptr().direct() else {
        return false;
    };
    let Some(table) = header.table() else {
        return false;
    };
    let mut entries = table.iter(&bases);
    loop {
        match entries.next() {
            Ok(None) => return true,
            Ok(Some((_, entry))) if entry.direct().is_ok_and(|entry| entry >= start) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table at 0x1000 for one entry, in the encoding of linkers: relative to itself, and to its own place.
    fn table(count: u32, entry: i32) -> Vec<u8> {
        let mut bytes = vec![1, 0x1b, 0x03, 0x3b];
        // `.eh_frame` is at 0x2000; the pointer stands at 0x1004.
        bytes.extend(0xffc_i32.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(0x100_i32.to_le_bytes());
        bytes.extend(entry.to_le_bytes());
        bytes
    }

    #[test]
    fn a_table_that_points_in_front_of_the_unwind_information_or_claims_more_entries_is_not_used() {
        let eh_frame = Some((0x2000, &[][..]));
        assert!(is_sound((0x1000, &table(1, 0x1000)), eh_frame));
        assert!(!is_sound((0x1000, &table(1, 0xff0)), eh_frame));
        assert!(!is_sound((0x1000, &table(u32::MAX, 0x1000)), eh_frame));
        assert!(!is_sound((0x1000, &[]), eh_frame));
    }
}
