//! What a phone shows for the octets of a message, and the octets of what it writes.

use std::sync::LazyLock;

use rusmpp::extra::encoding::gsm7bit::Gsm7BitUnpacked;

const ESCAPE: u8 = 0x1B;

/// The characters of the GSM default alphabet: octet, or escape and octet.
static CHARACTERS: LazyLock<Vec<(Vec<u8>, char)>> = LazyLock::new(|| {
    let octets = |c: char| Gsm7BitUnpacked::new().encode_to_vec(c.encode_utf8(&mut [0; 4])).ok();
    ('\u{0}'..='\u{20AC}').filter_map(|c| Some((octets(c)?, c))).collect()
});

/// A part of a message as a phone sends it.
pub(super) struct Part {
    pub data_coding: u8,
    pub header: bool,
    pub octets: Vec<u8>,
}

pub(super) fn read(data_coding: u8, octets: &[u8]) -> String {
    match data_coding {
        8 => {
            let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect()
        }
        0 => {
            let mut text = String::new();
            let mut rest = octets;
            while let Some(&first) = rest.first() {
                let length = if first == ESCAPE && rest.len() > 1 { 2 } else { 1 };
                let (one, after) = rest.split_at(length);
                let found = CHARACTERS.iter().find(|(octets, _)| octets == one);
                text.push(found.map_or('\u{FFFD}', |(_, character)| *character));
                rest = after;
            }
            text
        }
        _ => octets.iter().map(|&octet| octet as char).collect(),
    }
}

/// Cuts what a person writes, as a phone does: the GSM alphabet where it suffices, else UCS-2.
pub(super) fn write(text: &str, reference: u8) -> Vec<Part> {
    let gsm = Gsm7BitUnpacked::new().encode_to_vec(text).is_ok();
    let octets_of = |text: &str| {
        if gsm {
            Gsm7BitUnpacked::new().encode_to_vec(text).unwrap_or_default()
        } else {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        }
    };
    let data_coding = if gsm { 0 } else { 8 };
    let (whole, part) = if gsm { (160, 153) } else { (140, 134) };
    let octets = octets_of(text);
    if octets.len() <= whole {
        return vec![Part { data_coding, header: false, octets }];
    }
    let mut slices = vec![Vec::new()];
    for character in text.chars() {
        let octets = octets_of(character.encode_utf8(&mut [0; 4]));
        match slices.last_mut() {
            Some(slice) if slice.len() + octets.len() <= part => slice.extend(octets),
            _ => slices.push(octets),
        }
    }
    slices.truncate(255);
    let total = slices.len() as u8;
    let headed = |(number, slice): (u8, Vec<u8>)| [&[5, 0, 3, reference, total, number], &slice[..]].concat();
    (1..=total)
        .zip(slices)
        .map(|numbered| Part { data_coding, header: true, octets: headed(numbered) })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_phone_writes_can_be_read(text in "([ -~]|[а-яәіңғүұқөһ]|👍|€){0,500}") {
            let parts = write(&text, 3);
            let shown: String = parts
                .iter()
                .map(|part| read(part.data_coding, &part.octets[if part.header { 6 } else { 0 }..]))
                .collect();
            prop_assert_eq!(shown, text);
            for part in parts {
                let room = if part.data_coding == 8 { 140 } else { 160 };
                prop_assert!(part.octets.len() <= room);
            }
        }
    }
}
