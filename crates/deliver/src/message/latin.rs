//! Kazakh and Russian in the Latin letters that the GSM 7-bit alphabet has.

/// Writes a text in Latin letters; what is Latin already stays.
pub(super) fn write(text: &str) -> String {
    text.chars()
        .map(
            |c| if c.is_uppercase() { capital(letter(&lower(c))) } else { letter(&c.to_string()).to_owned() },
        )
        .collect()
}

fn lower(c: char) -> String {
    c.to_lowercase().collect()
}

fn capital(letters: &str) -> String {
    let mut chars = letters.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn letter(c: &str) -> &str {
    match c {
        "а" | "ә" => "a",
        "б" => "b",
        "в" => "v",
        "г" | "ғ" => "g",
        "д" => "d",
        "е" | "ё" | "э" => "e",
        "ж" => "zh",
        "з" => "z",
        "и" | "і" | "й" => "i",
        "к" => "k",
        "қ" => "q",
        "л" => "l",
        "м" => "m",
        "н" | "ң" => "n",
        "о" | "ө" => "o",
        "п" => "p",
        "р" => "r",
        "с" => "s",
        "т" => "t",
        "у" | "ұ" | "ү" => "u",
        "ф" => "f",
        "х" | "һ" => "h",
        "ц" => "ts",
        "ч" => "ch",
        "ш" => "sh",
        "щ" => "sch",
        "ы" => "y",
        "ъ" | "ь" => "",
        "ю" => "yu",
        "я" => "ya",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_an_old_phone_can_show() {
        assert_eq!(write("Сізге көпбалалы отбасы жәрдемақысы"), "Sizge kopbalaly otbasy zhardemaqysy");
        assert_eq!(write("1414: Счёт Halyk *4410, ЩИ"), "1414: Schet Halyk *4410, SchI");
    }
}
