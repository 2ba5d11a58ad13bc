//! The published sums that the world follows: wages, contributions, pensions, poverty. They are facts
//! of extracts, as an employer or a statistician writes them, and never rules; `docs/population.md`
//! names the source of each.

use card::{Date, Month, Tenge};

use super::{dice::Dice, figures};

/// What a region earns and needs.
struct Means {
    code: &'static str,
    /// The average wage in the second quarter of 2025, in thousands of tenge.
    wage: i64,
    /// Its subsistence minimum, per mille of the country's.
    minimum: i64,
    /// Its median income a head, per mille of the country's.
    median: i64,
}

const fn means(code: &'static str, wage: i64, minimum: i64, median: i64) -> Means {
    Means { code, wage, minimum, median }
}

const MEANS: &[Means] = &[
    means("100000000", 400, 960, 920),
    means("110000000", 370, 950, 970),
    means("150000000", 400, 880, 940),
    means("190000000", 370, 980, 880),
    means("230000000", 634, 960, 1300),
    means("270000000", 362, 900, 960),
    means("310000000", 345, 930, 820),
    means("330000000", 340, 970, 860),
    means("350000000", 430, 930, 1100),
    means("390000000", 400, 940, 1010),
    means("430000000", 360, 888, 850),
    means("470000000", 621, 1178, 1080),
    means("550000000", 410, 930, 1080),
    means("590000000", 345, 930, 980),
    means("610000000", 335, 930, 750),
    means("620000000", 599, 950, 1180),
    means("630000000", 430, 1079, 1060),
    means("710000000", 563, 1065, 1400),
    means("750000000", 519, 1055, 1320),
    means("790000000", 321, 989, 820),
];

fn means_of(region: &figures::Region) -> &'static Means {
    MEANS.iter().find(|means| means.code == region.code).unwrap_or(&MEANS[0])
}

/// The least, the deciles, the last twentieth and hundredth and the most of wages, per mille of the
/// average of the region: the median is 71 % of the average, every tenth earns a quarter of it.
const SPREAD: [(i64, i64); 13] = [
    (0, 190),
    (100, 270),
    (200, 370),
    (300, 470),
    (400, 580),
    (500, 710),
    (600, 880),
    (700, 1_080),
    (800, 1_380),
    (900, 1_900),
    (950, 2_600),
    (990, 4_400),
    (1_000, 6_000),
];

/// A monthly wage of 2025 somewhere in a region.
pub fn wage(region: &figures::Region, dice: &mut Dice) -> i64 {
    let average = means_of(region).wage * 1_000;
    let rank = i64::from(dice.between(0, 999));
    let part = SPREAD.windows(2).find(|pair| rank < pair[1].0).unwrap_or(&SPREAD[11..]);
    let ((from, low), (to, high)) = (part[0], part[1]);
    let per_mille = low + (high - low) * (rank - from) / (to - from);
    (average * per_mille / 1_000).max(MINIMUM_WAGES[0].2)
}

/// The growth of wages, per mille of those of 2025.
const GROWTH: [(i32, i64); 7] =
    [(2026, 1_090), (2025, 1_000), (2024, 925), (2023, 840), (2022, 715), (2021, 575), (2020, 490)];

/// What a wage of 2025 is in another year.
pub fn in_year(wage: i64, year: i32) -> i64 {
    let per_mille = GROWTH.iter().find(|(from, _)| *from <= year).map_or(GROWTH[6].1, |(_, grown)| *grown);
    wage * per_mille / 1_000
}

/// From which year the rate of contributions was so many per mille, and the minimum wage so many tenge.
const MINIMUM_WAGES: [(i32, i64, i64); 5] =
    [(2025, 50, 85_000), (2024, 35, 85_000), (2023, 35, 70_000), (2022, 35, 60_000), (0, 35, 42_500)];

/// What an employer pays to the Fund for a wage of a month: of nine tenths of the wage, between one
/// and seven minimum wages.
pub fn contribution(wage: i64, month: Month) -> Tenge {
    let year = month.0.div_euclid(12);
    let (_, rate, least) =
        MINIMUM_WAGES.iter().find(|(from, ..)| *from <= year).copied().unwrap_or(MINIMUM_WAGES[4]);
    Tenge::whole((wage * 9 / 10).clamp(least, 7 * least) * rate / 1_000)
}

/// An age pension of 2026; the least is published, half of all lie below 110 thousand.
pub fn age_pension(dice: &mut Dice) -> Tenge {
    Tenge::whole(i64::from(dice.around_middle(69_049, 150_000)))
}

/// A base pension of 2026.
pub fn base_pension(dice: &mut Dice) -> Tenge {
    Tenge::whole(i64::from(dice.around_middle(35_596, 60_005)))
}

/// The figures of one region for the applications of one quarter.
pub struct Poverty {
    /// The region.
    pub region: &'static str,
    /// The first day of the quarter.
    pub since: Date,
    /// The day after it; none while it is the last that was published.
    pub ended: Option<Date>,
    /// The subsistence minimum.
    pub minimum: Tenge,
    /// The median income.
    pub median: Tenge,
}

/// The subsistence minimum and the median income of the country, for applications of a quarter: the
/// quarters since the beginning of 2025 are counted.
fn country(quarter: i64) -> (i64, i64) {
    (54_500 + 1_500 * quarter.max(-8), 110_000 + 2_500 * quarter.max(-8))
}

fn of_region(means: &Means, month: Month) -> (i64, i64) {
    let (minimum, median) = country(i64::from(month.0 - 2025 * 12).div_euclid(3));
    (minimum * means.minimum / 1_000, median * means.median / 1_000)
}

/// The figures of all regions for the applications of the last eight quarters.
pub fn poverty(day: Date) -> impl Iterator<Item = Poverty> {
    let last = day.month().0.div_euclid(3) * 3;
    (0..8).rev().flat_map(move |back| {
        let month = Month(last - 3 * back);
        let ended = (back > 0).then(|| Month(month.0 + 3).first_day());
        MEANS.iter().map(move |means| {
            let (minimum, median) = of_region(means, month);
            let (minimum, median) = (Tenge::whole(minimum), Tenge::whole(median));
            Poverty { region: means.code, since: month.first_day(), ended, minimum, median }
        })
    })
}

/// About where statisticians draw the line of poverty in a region.
pub fn poverty_line(region: &figures::Region, month: Month) -> i64 {
    let (minimum, median) = of_region(means_of(region), month);
    (minimum * 7 / 10).max(median * 35 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_means() {
        assert_eq!(MEANS.len(), figures::REGIONS.len());
        assert!(figures::REGIONS.iter().all(|region| means_of(region).code == region.code));
    }

    #[test]
    fn wages_have_the_published_average_and_median() {
        let mut dice = Dice::of(1, 1);
        let astana = figures::region_of("710000000");
        let mut wages: Vec<i64> = (0..20_000).map(|_| wage(astana, &mut dice)).collect();
        wages.sort_unstable();
        let average = wages.iter().sum::<i64>() / 20_000;
        assert!((530_000..600_000).contains(&average), "{average}");
        let median = wages[10_000] * 1_000 / average;
        assert!((660..760).contains(&median), "{median} per mille of the average");
    }

    #[test]
    fn contributions_are_those_of_the_published_examples() {
        let month = Month(2025 * 12 + 3);
        assert_eq!(contribution(300_000, month), Tenge::whole(13_500));
        assert_eq!(contribution(10_000, month), Tenge::whole(4_250));
        assert_eq!(contribution(5_000_000, month), Tenge::whole(29_750));
        assert_eq!(contribution(5_000_000, Month(2023 * 12)), Tenge::whole(17_150));
    }
}
