//! The levels of a family on its lead's card. No use case that decides anything asks for them.

use card::{Circle, Lang, PersonId, Points, Question, Scored, Standing, Ternary};
use law::{Score, tree::ScoreId};

use crate::{
    Law, Service, ServiceError, Store,
    view::{DirectionLine, LevelLine},
    words,
};

impl<S: Store> Service<S> {
    /// What the methodologies in force say of the family that a person leads; nothing of whoever leads none.
    pub(crate) fn levels_of(
        &self,
        law: &Law,
        person: PersonId,
        lang: Lang,
    ) -> Result<Vec<LevelLine>, ServiceError> {
        let day = self.now().day();
        let mut lines = Vec::new();
        for id in law.pack.editions(day) {
            let score = law.pack.score_at(id);
            match self.score(law, id, Question { subject: person, day, asked_on: day }) {
                Ok(scored) if scored.concerned == Ternary::No => {}
                Ok(scored) => lines.push(line(law, score, &scored, lang)),
                // One question without an answer does not close the card.
                Err(ServiceError::Law(error)) => lines.push(LevelLine {
                    score: score.name.clone(),
                    title: score.title.get(lang).to_owned(),
                    told: vec![error.to_string()],
                    ..LevelLine::default()
                }),
                Err(error) => return Err(error),
            }
        }
        Ok(lines)
    }

    pub(crate) fn circle_of_level(
        &self,
        law: &Law,
        id: ScoreId,
        subject: PersonId,
    ) -> Result<Circle, ServiceError> {
        self.store.circle(subject, &law.levels[id.0 as usize], None).map_err(ServiceError::store)
    }

    fn score(&self, law: &Law, id: ScoreId, question: Question) -> Result<Scored, ServiceError> {
        let circle = self.circle_of_level(law, id, question.subject)?;
        Ok(self.assessor.score(&law.pack, id, question, &circle)?)
    }
}

fn line(law: &Law, score: &Score, scored: &Scored, lang: Lang) -> LevelLine {
    let possible = score.levels.iter().filter(|level| scored.levels.contains(&level.name));
    let names: Vec<&str> = possible.clone().map(|level| level.title.get(lang)).collect();
    let mut told: Vec<String> = match scored.level() {
        Some(_) => possible.map(|level| level.told.get(lang).to_owned()).collect(),
        None => scored.missing.iter().map(|missing| words::owed(law, missing, lang)).collect(),
    };
    told.dedup();
    let directions = score.directions.iter().zip(&scored.points).map(|(direction, points)| DirectionLine {
        title: direction.title.get(lang).to_owned(),
        points: words::points(points.iter().copied().sum::<Points>()),
    });
    LevelLine {
        score: score.name.clone(),
        title: score.title.get(lang).to_owned(),
        level: names.join(", "),
        certain: scored.level().is_some() && scored.concerned == Ternary::Yes,
        points: words::points(scored.sum()),
        directions: directions.collect(),
        told,
        preliminary: scored.standing == Standing::Preliminary,
    }
}
