//! Octets of a message to text and back.
//!
//! Data coding 0 is the operator's default, in practice the GSM default alphabet of 3GPP TS 23.038,
//! one character an octet, never packed. Kazakh and Russian travel as UCS-2 big-endian, in which
//! operators accept UTF-16: a character outside the basic plane takes two units.

use std::sync::LazyLock;

use rusmpp::extra::encoding::gsm7bit::Gsm7BitUnpacked;

/// Data coding of the GSM default alphabet.
pub(super) const GSM: u8 = 0;
/// Data coding of UCS-2.
pub(super) const UCS2: u8 = 8;
/// The octet that announces a character of the extension table.
pub(super) const ESCAPE: u8 = 0x1B;

type Page = [Option<char>; 128];

/// The alphabet read backwards: characters by octet, plain and after an escape.
static GSM_CHARACTERS: LazyLock<(Page, Page)> = LazyLock::new(|| {
    let (mut plain, mut escaped) = ([None; 128], [None; 128]);
    for character in '\u{0}'..='\u{20AC}' {
        match gsm(character.encode_utf8(&mut [0; 4])).as_deref() {
            Some(&[ESCAPE, octet]) => escaped[octet as usize % 128] = Some(character),
            Some(&[octet]) if octet != ESCAPE => plain[octet as usize % 128] = Some(character),
            _ => {}
        }
    }
    (plain, escaped)
});

/// The text in the GSM default alphabet, where every character is in it.
pub(super) fn gsm(text: &str) -> Option<Vec<u8>> {
    Gsm7BitUnpacked::new().encode_to_vec(text).ok()
}

/// The text in UCS-2, big-endian.
pub(super) fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The text of a message, or `None` for a data coding that carries none we can read.
///
/// Octets that stand for nothing become U+FFFD: a reply with one broken character is still a reply.
pub(super) fn read(data_coding: u8, octets: &[u8]) -> Option<String> {
    match data_coding {
        // Message class and waiting indication with the default alphabet.
        GSM | 0xC0..=0xDF | 0xF0..=0xF3 => Some(read_gsm(octets)),
        // ASCII.
        1 => Some(octets.iter().map(|&o| if o < 128 { o as char } else { '\u{FFFD}' }).collect()),
        // Latin-1, and the eight-bit codings that phones use for it.
        2..=4 | 0xF4..=0xF7 => Some(octets.iter().map(|&o| o as char).collect()),
        6 => Some(octets.iter().map(|&o| read_cyrillic(o)).collect()),
        UCS2 | 0x18 | 0xE0..=0xEF => {
            let units = octets.chunks(2).map(|pair| match *pair {
                [high, low] => u16::from_be_bytes([high, low]),
                _ => 0xFFFD,
            });
            Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect())
        }
        _ => None,
    }
}

fn read_gsm(octets: &[u8]) -> String {
    let (plain, escaped) = &*GSM_CHARACTERS;
    let mut text = String::with_capacity(octets.len());
    let mut octets = octets.iter().map(|&o| o as usize);
    while let Some(octet) = octets.next() {
        let character = if octet == ESCAPE as usize {
            // An unknown extension is shown as the plain character, as the standard asks.
            octets.next().and_then(|o| escaped.get(o).copied().flatten().or(plain.get(o).copied().flatten()))
        } else {
            plain.get(octet).copied().flatten()
        };
        text.push(character.unwrap_or('\u{FFFD}'));
    }
    text
}

/// ISO 8859-5.
fn read_cyrillic(octet: u8) -> char {
    match octet {
        0..=0xA0 | 0xAD => octet as char,
        0xF0 => '№',
        0xFD => '§',
        _ => char::from_u32(0x0360 + u32::from(octet)).unwrap_or('\u{FFFD}'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_phones_send() {
        let cases: [(u8, &[u8], &str); 8] = [
            (0, b"1", "1"),
            (0, &[0x00, 0x02, 0x1B, 0x65, 0x11], "@$€_"),
            (0, &[0x1B, 0x41], "A"),
            (1, &[0x31, 0xFF], "1\u{FFFD}"),
            (3, &[0xE9], "é"),
            (6, &[0xB4, 0xD0], "Да"),
            (8, &[0x04, 0x38, 0x04, 0xD9], "иә"),
            (8, &[0xD8, 0x3D, 0xDC, 0x4D, 0x31], "👍\u{FFFD}"),
        ];
        for (coding, octets, text) in cases {
            assert_eq!(read(coding, octets).as_deref(), Some(text), "coding {coding}");
        }
        assert_eq!(read(9, b"1"), None);
        assert_eq!(gsm("Жоқ"), None);
    }

    proptest! {
        #[test]
        fn ucs2_comes_back(text in any::<String>()) {
            let read_back = read(UCS2, &ucs2(&text));
            prop_assert_eq!(read_back.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn gsm_comes_back_where_it_fits(text in "[ -_a-z€{}\\[\\]~^äöüñÄÖÜÑ@£]*") {
            if let Some(octets) = gsm(&text) {
                let read_back = read(GSM, &octets);
                prop_assert_eq!(read_back.as_deref(), Some(text.as_str()));
            }
        }

        #[test]
        fn no_octets_break_the_reader(coding in any::<u8>(), octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(coding, &octets);
        }
    }
}
