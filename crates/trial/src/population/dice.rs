//! Seeded chance in whole numbers: shares are per mille, so that a world never depends on how a
//! machine rounds.

/// Chance that repeats itself for the same seed.
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The dice of one kin of one world: kin do not disturb each other.
    pub fn of(seed: u64, kin: u64) -> Self {
        // SplitMix64's finaliser spreads neighbouring numbers over the whole state.
        let mut mixed = seed.wrapping_add(kin.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self(fastrand::Rng::with_seed(mixed ^ (mixed >> 31)))
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.0.u32(..1000) < per_mille
    }

    /// A number of the range, both ends included; all are as likely.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        self.0.i32(low..=high.max(low))
    }

    /// A number of the range, both ends included; the middle is the likeliest.
    pub fn around_middle(&mut self, low: i32, high: i32) -> i32 {
        (self.between(low, high) + self.between(low, high) + self.between(low, high)) / 3
    }

    /// One of a list; all are as likely. The list is a constant and never empty.
    pub fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.usize(..list.len())]
    }

    /// One of a list of values with their weights.
    pub fn weighted<T: Copy>(&mut self, list: &[(T, u32)]) -> T {
        let total: u32 = list.iter().map(|(_, weight)| weight).sum();
        let mut left = self.0.u32(..total);
        for (value, weight) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        list[list.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_repeats_and_another_does_not() {
        let rolls = |seed, kin| {
            let mut dice = Dice::of(seed, kin);
            (0..20).map(|_| dice.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, 3), rolls(7, 3));
        assert_ne!(rolls(7, 3), rolls(7, 4));
        assert_ne!(rolls(7, 3), rolls(8, 3));
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice::of(1, 1);
        let heads = (0..10_000).filter(|_| dice.weighted(&[(true, 3), (false, 1)])).count();
        assert!((7_300..7_700).contains(&heads), "{heads}");
    }
}
