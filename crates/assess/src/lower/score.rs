//! A methodology as nodes: of each indicator what was found and its points, and their sums.

use law::{Score, tree::Expr};

use super::{Ctx, Is, Lower, Lowered, Refused, ToldList, Val, refuse};
use crate::plan::N;

/// The nodes of a methodology's answers, one element per question.
#[derive(Debug)]
pub(crate) struct Scoring {
    /// Is it about the subject at all?
    pub concerned: N,
    /// By direction: its indicators.
    pub directions: Vec<Vec<Found>>,
    /// The sum of all points.
    pub sum: N,
    /// How sure the numbers are on which that rests.
    pub standing: N,
}

/// The nodes of an indicator.
#[derive(Debug)]
pub(crate) struct Found {
    /// What is looked at.
    pub on: Val,
    /// Its points.
    pub points: N,
    /// The lists behind it, outermost first, where an explanation is asked for.
    pub lists: Vec<ToldList>,
}

impl Scoring {
    /// Every node that an answer reads; with an explanation, all that it tells of too.
    pub fn nodes(&self) -> Vec<N> {
        let mut nodes = vec![self.concerned, self.sum, self.standing];
        for found in self.directions.iter().flatten() {
            nodes.push(found.points);
            nodes.extend(found.node());
            nodes.extend(found.lists.iter().flat_map(ToldList::nodes));
        }
        nodes
    }
}

impl Found {
    /// The node of what is looked at.
    pub fn node(&self) -> Option<N> {
        match &self.on.is {
            Is::Truth(n) | Is::Ratio(n) | Is::Enum(n) => Some(*n),
            Is::Number(number) => Some(number.n),
            _ => None,
        }
    }
}

impl<'p> Lower<'p> {
    /// A methodology on a day. `told`: for an explanation, and whether the lists inside derived words are
    /// told too.
    pub fn score(
        &mut self,
        score: &'p Score,
        day: i32,
        asked: Option<i32>,
        told: Option<bool>,
    ) -> Lowered<Scoring> {
        self.scoring(score, day, asked, told)
            .map_err(|Refused(why)| Refused(format!("{}: {why}", score.name)))
    }

    fn scoring(
        &mut self,
        score: &'p Score,
        day: i32,
        asked: Option<i32>,
        told: Option<bool>,
    ) -> Lowered<Scoring> {
        let ctx = self.about_subject(score.subject.of, &score.lets, day, asked);
        let role = self.expr(&ctx, &score.subject.when)?;
        let concerned = self.truth_of(&ctx, &role)?;
        let none = self.number(0.into());
        let mut sum = self.val(Is::Number(none));
        sum.standing = role.standing;
        let mut directions = Vec::new();
        for direction in &score.directions {
            let mut all = Vec::new();
            for indicator in &direction.indicators {
                let on = self.expr(&ctx, &indicator.on)?;
                let points = self.parameter(&ctx, indicator.points, std::slice::from_ref(&on), None)?;
                // Its table has no gaps, so there are always points.
                let points = Val { exists: None, ..points };
                sum = self.sum_of(&ctx, &sum, &points, false)?;
                let lists = self.lists_behind(&ctx, &indicator.on, told)?;
                all.push(Found { on, points: points_of(&points)?, lists });
            }
            directions.push(all);
        }
        Ok(Scoring { concerned, directions, sum: points_of(&sum)?, standing: sum.standing })
    }

    fn lists_behind(&mut self, ctx: &Ctx<'p>, on: &'p Expr, told: Option<bool>) -> Lowered<Vec<ToldList>> {
        let mut lists = Vec::new();
        if let Some(open_words) = told {
            self.lists(ctx, on, open_words, &mut lists)?;
        }
        Ok(lists)
    }
}

fn points_of(points: &Val) -> Lowered<N> {
    match points.is {
        Is::Number(number) if number.den == 1 => Ok(number.n),
        _ => refuse("points are whole numbers"),
    }
}
