//! The extracts that registries deliver of a world: first everything, then what came late or was
//! corrected.

use std::path::Path;

use super::{
    Population,
    delivery::{Delivery, deliver},
    news::{News, news_in},
    registrar::Registrar,
    sheet::{Extract, WriteError, error},
    weave::after,
};

/// A world on disk.
pub struct Written {
    /// The files in the order in which they are to be taken in: persons before all that names them,
    /// full extracts before late ones.
    pub extracts: Vec<Extract>,
    /// Living people.
    pub living: u32,
    /// The office that tells what happens from now on.
    pub registrar: Registrar,
}

impl Population {
    /// Writes the world as its registries would deliver it: `full/` made on the day before the
    /// world's, `late/` made on its day. Each file has its manifest beside it. News of an earlier
    /// world in the folder are forgotten.
    pub fn write(mut self, dir: &Path) -> Result<Written, WriteError> {
        let day = self.options.day;
        let made_on = after(day, -1);
        let mut full = Delivery::open(&dir.join("full"), |form| form.full(made_on))?;
        let mut late = Delivery::open(&dir.join("late"), |form| form.late(day))?;
        let news = news_in(dir);
        if news.exists() {
            std::fs::remove_file(&news).map_err(|failed| error(&news, failed))?;
        }
        let mut registrar = Registrar::new(self.options.day, News::open(dir, after(self.options.day, -1))?);
        full.poverty(made_on)?;
        for kin in self.by_ref() {
            let iins: Vec<String> = kin.persons.iter().map(|person| person.iin.expose()).collect();
            deliver(&kin, &iins, &mut full, &mut late)?;
            registrar.meet(&kin);
        }
        let mut extracts = full.close()?;
        extracts.extend(late.close()?);
        Ok(Written { extracts, living: self.living, registrar })
    }

    /// The office of a world that was written earlier, going on where its news end: the same options
    /// and folder are expected.
    pub fn reopen(mut self, dir: &Path) -> Result<Registrar, WriteError> {
        let mut registrar = Registrar::new(self.options.day, News::open(dir, after(self.options.day, -1))?);
        self.by_ref().for_each(|kin| registrar.meet(&kin));
        Ok(registrar)
    }
}
