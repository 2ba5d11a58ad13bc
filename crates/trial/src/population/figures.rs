//! The published figures that the world follows; `docs/population.md` names the source of each.

use card::{Iban, Sex};

/// An oblast or a city of republican rank.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// Its code in the classifier of territorial units (KATO).
    pub code: &'static str,
    /// Inhabitants in thousands.
    pub thousands: u32,
    /// Births per mille of the country's average, as far as age does not explain them.
    pub fertility: i32,
    /// Families of Kazakh names, per mille; the others bear Russian ones.
    pub kazakh_names: u32,
}

const fn region(code: &'static str, thousands: u32, fertility: i32, kazakh_names: u32) -> Region {
    Region { code, thousands, fertility, kazakh_names }
}

/// The seventeen oblasts and three cities.
pub const REGIONS: &[Region] = &[
    region("100000000", 596, 920, 640),
    region("110000000", 788, 820, 540),
    region("150000000", 950, 1050, 840),
    region("190000000", 1593, 1080, 750),
    region("230000000", 715, 1120, 930),
    region("270000000", 699, 950, 790),
    region("310000000", 1216, 1170, 750),
    region("330000000", 694, 1020, 760),
    region("350000000", 1131, 800, 540),
    region("390000000", 818, 700, 430),
    region("430000000", 847, 1180, 970),
    region("470000000", 805, 1270, 930),
    region("550000000", 749, 760, 550),
    region("590000000", 515, 660, 360),
    region("610000000", 2148, 1370, 950),
    region("620000000", 219, 1000, 820),
    region("630000000", 717, 760, 500),
    region("710000000", 1638, 950, 830),
    region("750000000", 2348, 820, 680),
    region("790000000", 1291, 1230, 900),
];

/// Whither people move: the three cities draw most.
pub const DESTINATIONS: &[(&str, u32)] = &[
    ("750000000", 36),
    ("710000000", 29),
    ("190000000", 14),
    ("790000000", 9),
    ("350000000", 6),
    ("470000000", 6),
];

/// The youngest region, and the registries that have not reached it yet: of studies, contributions and
/// property there nobody knows.
const UNREACHED: (&str, &[&str]) = ("620000000", &["nobd", "sif", "property"]);

/// Does a registry tell nothing of a region?
pub fn is_silent(registry: &str, region: &str) -> bool {
    region == UNREACHED.0 && UNREACHED.1.contains(&registry)
}

/// The region of a code.
pub fn region_of(code: &str) -> &'static Region {
    REGIONS.iter().find(|region| region.code == code).unwrap_or(&REGIONS[0])
}

/// A bank as its account numbers show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bank {
    /// The three digits of the bank in an IBAN.
    pub code: &'static str,
    /// The three characters that its current accounts of private persons begin with.
    pub product: &'static str,
    /// As a person calls it.
    pub name: &'static str,
}

const fn bank(code: &'static str, product: &'static str, name: &'static str) -> Bank {
    Bank { code, product, name }
}

/// Banks with their weight among the accounts into which benefits go.
pub const BANKS: &[(Bank, u32)] = &[
    (bank("601", "A87", "Halyk"), 46),
    (bank("722", "C00", "Kaspi"), 27),
    (bank("563", "000", "Kazpost"), 9),
    (bank("856", "220", "BCC"), 6),
    (bank("965", "030", "Forte"), 4),
    (bank("998", "PB0", "Alatau City"), 3),
    (bank("948", "KZT", "Eurasian"), 2),
    (bank("914", "398", "Bereke"), 2),
    (bank("551", "Z12", "Freedom"), 1),
];

/// What people call the bank of an account; `None` for banks that the world does not have.
pub fn bank_name(account: &Iban) -> Option<&'static str> {
    BANKS.iter().find(|(bank, _)| bank.code == account.bank()).map(|(bank, _)| bank.name)
}

/// The second to fourth digit of mobile numbers.
pub const MOBILE_PREFIXES: &[&str] =
    &["700", "701", "702", "705", "707", "708", "747", "771", "775", "776", "777", "778"];

/// Of ten thousand born, how many live at an age: women, men.
const SURVIVORS: &[(i32, i32, i32)] = &[
    (0, 10_000, 10_000),
    (1, 9_935, 9_920),
    (15, 9_910, 9_890),
    (25, 9_885, 9_820),
    (35, 9_830, 9_670),
    (45, 9_700, 9_350),
    (55, 9_400, 8_700),
    (65, 8_750, 7_450),
    (70, 8_150, 6_450),
    (75, 7_200, 5_200),
    (80, 5_800, 3_800),
    (85, 3_900, 2_200),
    (90, 1_900, 900),
    (95, 500, 200),
    (101, 0, 0),
];

/// How many of ten thousand live to an age given in days.
pub fn survivors(sex: Sex, age_days: i32) -> i32 {
    let of = |row: &(i32, i32, i32)| if sex == Sex::Female { row.1 } else { row.2 };
    let pair = SURVIVORS.windows(2).find(|pair| age_days < pair[1].0 * 36_525 / 100);
    pair.map_or(0, |pair| {
        let (from, to) = (pair[0].0 * 36_525 / 100, pair[1].0 * 36_525 / 100);
        of(&pair[0]) - (of(&pair[0]) - of(&pair[1])) * (age_days - from) / (to - from)
    })
}

/// The age in days at which only so many of ten thousand live; one at least.
pub fn age_at_survivors(sex: Sex, left: i32) -> i32 {
    let of = |row: &(i32, i32, i32)| if sex == Sex::Female { row.1 } else { row.2 };
    let pair = SURVIVORS.windows(2).find(|pair| of(&pair[1]) < left);
    pair.map_or(0, |pair| {
        let (from, to) = (pair[0].0 * 36_525 / 100, pair[1].0 * 36_525 / 100);
        let fallen = of(&pair[0]) - of(&pair[1]);
        from + (to - from) * (of(&pair[0]) - left).max(0) / fallen.max(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_has_seventeen_oblasts_and_three_cities() {
        let thousands: u32 = REGIONS.iter().map(|r| r.thousands).sum();
        assert_eq!(REGIONS.len(), 20);
        assert!((20_300..20_600).contains(&thousands), "{thousands}");
        assert!(DESTINATIONS.iter().all(|(code, _)| region_of(code).code == *code));
    }

    #[test]
    fn the_age_of_death_inverts_survival() {
        for sex in [Sex::Female, Sex::Male] {
            for left in (1..10_000).step_by(97) {
                let back = survivors(sex, age_at_survivors(sex, left));
                assert!((back - left).abs() <= 3, "{sex:?} {left} {back}");
            }
        }
        // Half of the men die before 76, half of the women before 83.
        assert!((70..80).contains(&(age_at_survivors(Sex::Male, 5_000) / 365)));
        assert!((78..86).contains(&(age_at_survivors(Sex::Female, 5_000) / 365)));
    }
}
