//! Three-valued truth as two bits: it may be true, it may be false.

pub type Bits = u8;

pub const YES: Bits = 1;
pub const NO: Bits = 2;
pub const UNKNOWN: Bits = 3;

pub const fn known(truth: bool) -> Bits {
    if truth { YES } else { NO }
}

pub const fn may(truth: bool, falsity: bool) -> Bits {
    truth as Bits | (falsity as Bits) << 1
}

pub const fn and(a: Bits, b: Bits) -> Bits {
    (a & b & YES) | ((a | b) & NO)
}

pub const fn or(a: Bits, b: Bits) -> Bits {
    ((a | b) & YES) | (a & b & NO)
}

pub const fn not(a: Bits) -> Bits {
    (a & YES) << 1 | (a & NO) >> 1
}

/// Is `a` less than `b`, each anything within its ends?
pub fn less<T: Copy + PartialOrd>(a: (T, T), b: (T, T)) -> Bits {
    may(a.0 < b.1, a.1 >= b.0)
}

/// Is `a` at least `b`?
pub fn at_least<T: Copy + PartialOrd>(a: (T, T), b: (T, T)) -> Bits {
    not(less(a, b))
}
