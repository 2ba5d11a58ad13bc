//! What a notice says: one SMS with room for the day that it speaks of and for what applies to its reader.

use card::{Date, Lang, SmsError, SmsText, Text};

/// The text of a notice. `{day}` is the day that it speaks of, `{kind}` what a kind of the notice says where
/// it certainly applies; elsewhere nothing, and the space before it goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// The text in each language.
    pub sms: Text,
    /// The kinds, by name, with what each says.
    pub kinds: Vec<(String, Text)>,
}

/// The name under which a text speaks of the day.
pub(crate) const DAY: &str = "day";

impl Says {
    /// The SMS in a language.
    pub fn filled(&self, lang: Lang, day: Date, applies: impl Fn(&str) -> bool) -> String {
        let (year, month, of_month) = day.ymd();
        let mut text = self.sms.get(lang).replace(&place(DAY), &format!("{of_month:02}.{month:02}.{year}"));
        for (name, says) in &self.kinds {
            let place = place(name);
            text = if applies(name) {
                text.replace(&place, says.get(lang))
            } else {
                text.replace(&format!(" {place}"), "").replace(&place, "")
            };
        }
        text
    }

    /// Is it an SMS of 1414 in a language, with nothing that applies and with all of it, also to somebody whose
    /// language nobody knows?
    pub(crate) fn fits(&self, lang: Lang) -> Result<(), SmsError> {
        let day = Date::from_ymd(2026, 12, 31).unwrap_or(card::LONG_AGO);
        let end = if lang == Lang::Kk { SmsText::RUSSIAN_ON_9 } else { "" };
        for all in [false, true] {
            SmsText::new(&(self.filled(lang, day, |_| all) + end))?;
        }
        Ok(())
    }
}

/// How a text writes that something is filled in.
pub(crate) fn place(name: &str) -> String {
    format!("{{{name}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_leaves_nothing_behind() {
        let text = |text: &str| Text { kk: text.into(), ru: text.into(), en: text.into() };
        let says = Says {
            sms: text("1414: until {day}{first} {last}."),
            kinds: vec![("first".into(), text(", first")), ("last".into(), text("(last)"))],
        };
        let day = Date::from_ymd(2027, 3, 1).unwrap();
        let filled = |kind| says.filled(Lang::En, day, |known| known == kind);
        assert_eq!(filled("last"), "1414: until 01.03.2027 (last).");
        assert_eq!(filled("first"), "1414: until 01.03.2027, first.");
        assert_eq!(says.fits(Lang::Kk), Ok(()));
        let long = Says { sms: text(&format!("1414: {}", "ж".repeat(195))), ..says };
        assert_eq!((long.fits(Lang::Ru), long.fits(Lang::Kk)), (Ok(()), Err(SmsError::TooLong)));
    }
}
