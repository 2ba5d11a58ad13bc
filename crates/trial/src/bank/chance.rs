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
