//! Numbers and lengths of time as a person writes them.

use card::{Lang, Span};
use law::tree::Exact;

/// `0,45` where digits can say it exactly, else `1/3`; thousands apart.
pub(super) fn number(number: Exact) -> String {
    let (mut digits, mut scale) = (0, 1_i128);
    while digits < 9 && scale % number.denom() != 0 {
        (digits, scale) = (digits + 1, scale * 10);
    }
    if scale % number.denom() != 0 {
        return number.to_string();
    }
    let scaled = number.numer() * (scale / number.denom());
    let (whole, rest) =
        (scaled.unsigned_abs() / scale.unsigned_abs(), scaled.unsigned_abs() % scale.unsigned_abs());
    let sign = if scaled < 0 { "−" } else { "" };
    let whole = grouped(&whole.to_string());
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole},{rest:0digits$}") }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// `18 months`.
pub(super) fn length(span: Span, lang: Lang) -> String {
    let (many, unit): (i32, [&str; 6]) = match span {
        Span::Days(days) => (days, ["күн", "день", "дня", "дней", "day", "days"]),
        Span::Months(months) if months != 0 && months % 12 == 0 => {
            (months / 12, ["жыл", "год", "года", "лет", "year", "years"])
        }
        Span::Months(months) => (months, ["ай", "месяц", "месяца", "месяцев", "month", "months"]),
    };
    let last = (many % 10, many % 100);
    let unit = match lang {
        Lang::Kk => unit[0],
        Lang::Ru => match last {
            (1, tens) if tens != 11 => unit[1],
            (2..=4, tens) if !(12..=14).contains(&tens) => unit[2],
            _ => unit[3],
        },
        Lang::En => unit[if many == 1 { 4 } else { 5 }],
    };
    format!("{many} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let of = |a, b| number(Exact::new(a, b));
        assert_eq!([of(9, 20), of(1, 3), of(-7, 2), of(3, 1)], ["0,45", "1/3", "−3,5", "3"]);
        assert_eq!(of(1_234_567, 1), "1\u{a0}234\u{a0}567");
    }

    #[test]
    fn lengths_agree_with_their_numbers() {
        let ru = |span| length(span, Lang::Ru);
        assert_eq!(
            [ru(Span::Months(18)), ru(Span::Months(24)), ru(Span::Days(1))],
            ["18 месяцев", "2 года", "1 день"]
        );
        assert_eq!(
            [ru(Span::Days(11)), ru(Span::Days(22)), ru(Span::Days(113))],
            ["11 дней", "22 дня", "113 дней"]
        );
        assert_eq!(length(Span::Months(12), Lang::En), "1 year");
        assert_eq!(length(Span::Months(6), Lang::Kk), "6 ай");
    }
}
