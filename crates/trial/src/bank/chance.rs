//! Chance that follows from a seed and the id of an order, and from nothing else.

use super::orders::Order;

pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// FNV-1a, then mixed: the same on every machine and in every version.
    pub(super) fn number(&self, about: &str, id: &str) -> u64 {
        let octets = about.bytes().chain([0]).chain(id.bytes());
        let start = 0xcbf2_9ce4_8422_2325 ^ self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hashed = octets.fold(start, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
        let mixed = (hashed ^ (hashed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn one_of(&self, choices: &[&'static str], id: &str) -> &'static str {
        choices[(self.number("reason", id) % choices.len() as u64) as usize]
    }

    /// Orders chosen at so many of a thousand: at least that share where it makes one or more, else
    /// each by its own chance.
    pub(super) fn share(
        &self,
        about: &str,
        per_mille: u32,
        orders: &[Order],
        eligible: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut drawn: Vec<(u64, usize)> = orders
            .iter()
            .enumerate()
            .filter(|(at, _)| eligible(*at))
            .map(|(at, order)| (self.number(about, &order.end_to_end), at))
            .collect();
        let wanted = orders.len() * per_mille as usize;
        if wanted < 1000 {
            drawn.retain(|(number, _)| number % 1000 < u64::from(per_mille));
        } else {
            drawn.sort_unstable();
            drawn.truncate(wanted.div_ceil(1000));
        }
        let mut chosen: Vec<usize> = drawn.into_iter().map(|(_, at)| at).collect();
        chosen.sort_unstable();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use card::Tenge;

    use super::*;

    fn orders(count: usize) -> Vec<Order> {
        let order = |n| Order {
            end_to_end: format!("O{n}"),
            instruction: String::new(),
            uetr: String::new(),
            amount: Tenge::ZERO,
            fault: None,
        };
        (0..count).map(order).collect()
    }

    #[test]
    fn a_share_is_reached_where_it_makes_one() {
        let chance = Chance::new(7);
        for (count, per_mille, expected) in
            [(1000, 10, 10), (1001, 10, 11), (100, 10, 1), (100, 0, 0), (50, 1000, 50)]
        {
            let chosen = chance.share("x", per_mille, &orders(count), |_| true);
            assert_eq!(chosen.len(), expected, "{per_mille} of a thousand of {count}");
        }
        let only_even = chance.share("x", 500, &orders(100), |at| at % 2 == 0);
        assert!(only_even.iter().all(|at| at % 2 == 0) && only_even.len() == 50);
    }

    #[test]
    fn a_small_file_is_hit_at_the_same_rate() {
        let chance = Chance::new(7);
        let hit = |n: usize| {
            let mut one = orders(n + 1);
            chance.share("x", 100, &one.split_off(n), |_| true).len()
        };
        let hits: usize = (0..500).map(hit).sum();
        assert!((30..=70).contains(&hits), "a tenth of 500: {hits}");
    }

    #[test]
    fn chance_follows_from_the_seed() {
        assert_eq!(Chance::new(1).number("a", "b"), Chance::new(1).number("a", "b"));
        assert_ne!(Chance::new(1).number("a", "b"), Chance::new(2).number("a", "b"));
        assert_ne!(Chance::new(1).number("a", "b"), Chance::new(1).number("ab", ""));
    }
}
