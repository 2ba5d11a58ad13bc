//! What was made to happen in the demo and neither store nor registries tell: the numbers of the law
//! that were changed, the registries that were silenced, the births that can be corrected. A file
//! keeps it, a line each, so that the demo goes on as it was.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use card::{Date, Iin};
use deliver::archive::Archive as _;
use num_rational::Ratio;

use super::world::{World, lock};
use crate::failure::Failure;

const FILE: &str = "happened";

/// One thing that happened.
pub enum Happened {
    /// A number of the law changed from a day on.
    Reform { number: String, value: Ratio<i128>, from: Date },
    /// A registry went silent.
    Silence(String),
    /// A child was born, or the day of its birth was corrected.
    Birth(Iin, Date),
}

impl Happened {
    fn line(&self) -> String {
        match self {
            Self::Reform { number, value, from } => format!("reform {number} {value} {from}"),
            Self::Silence(registry) => format!("silence {registry}"),
            Self::Birth(iin, day) => format!("birth {} {day}", iin.expose()),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        Some(match words[..] {
            ["reform", number, value, from] => Self::Reform {
                number: number.to_owned(),
                value: value.parse().ok()?,
                from: from.parse().ok()?,
            },
            ["silence", registry] => Self::Silence(registry.to_owned()),
            ["birth", iin, day] => Self::Birth(iin.parse().ok()?, day.parse().ok()?),
            _ => return None,
        })
    }

    /// All that happened, in order.
    pub fn read(dir: &Path) -> Result<Vec<Self>, Failure> {
        let file = dir.join(FILE);
        if !file.exists() {
            return Ok(Vec::new());
        }
        let text = std::fs::read_to_string(&file).map_err(|error| Failure::file(&file, &error))?;
        let one = |(at, line)| {
            let unread =
                || Failure(format!("{}, line {}: not understood; remove it", file.display(), at + 1));
            Self::parse(line).ok_or_else(unread)
        };
        text.lines().enumerate().map(one).collect()
    }

    /// Keeps it.
    pub fn keep(&self, dir: &Path) -> Result<(), Failure> {
        let file = dir.join(FILE);
        let opened = OpenOptions::new().create(true).append(true).open(&file);
        opened
            .and_then(|mut to| writeln!(to, "{}", self.line()))
            .map_err(|error| Failure::file(&file, &error))
    }
}

impl World {
    /// Brings the demo to where it was when it stopped.
    pub(super) fn go_on(&self) -> Result<(), Failure> {
        for happened in Happened::read(&self.dir)? {
            match happened {
                Happened::Reform { number, value, from } => {
                    self.service.change_law(self.reformed(&number, value, from)?);
                }
                Happened::Silence(registry) => lock(&self.registrar).silence(&registry, true),
                Happened::Birth(iin, day) => self.born(iin, day)?,
            }
        }
        Ok(())
    }

    /// Remembers a birth, or its corrected day.
    pub(super) fn born(&self, iin: Iin, day: Date) -> Result<(), Failure> {
        let child = self.service.store().find_person(&iin).map_err(Failure::of)?;
        let name = child.and_then(|child| self.service.name(child).ok()).unwrap_or_default();
        let mut births = lock(&self.births);
        match births.iter_mut().find(|(known, ..)| *known == iin) {
            Some(known) => known.1 = day,
            None => births.push((iin, day, name)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_happened() {
        for line in ["reform mrp 4700 2026-12-10", "reform rate 1603/100 2026-12-10", "silence civil_acts"] {
            assert_eq!(Happened::parse(line).map(|happened| happened.line()).as_deref(), Some(line));
        }
        for wrong in ["", "reform mrp x 2026-12-10", "silence", "birth 1 2026-12-10", "rain"] {
            assert!(Happened::parse(wrong).is_none(), "{wrong}");
        }
    }
}
