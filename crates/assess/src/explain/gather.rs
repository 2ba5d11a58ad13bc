//! Gathers an explanation from the columns of one run: the truth of every part, the rows that it
//! rests on, and of every list who counts, who may and who was left out.

use card::{Circle, Missing, Ternary};
use law::port::AssessError;

use super::{Evidence, Item, ListRead, Part, PartKind, RowRead, rests::Rests};
use crate::{
    facts::{ANY, Facts},
    free::ternary,
    kept::Kept,
    lower::{OneRow, Sifted, ToldList, ToldPart},
    missing::{self, Walk},
    plan::N,
    types::{NO, YES},
    verdict::not_loaded,
};

/// The place of the one question of the run.
const QUESTION: usize = 0;

/// The columns of one question, from which its parts are told.
pub(crate) struct Gathering<'g, 'a> {
    /// All columns of the run.
    pub kept: Kept<'g, 'a>,
    /// The facts, in the order in which they are told.
    pub circle: &'g Circle,
    /// The measure asked, or the methodology.
    pub measure: &'g str,
}

impl Gathering<'_, '_> {
    /// What is told of the parts of a measure. Of a subject whom it does not concern, only that.
    pub fn parts(&self, told: &[ToldPart]) -> Result<Vec<Part>, AssessError> {
        let mut parts = Vec::new();
        for one in told {
            let part = self.part(one)?;
            let refused = part.kind == PartKind::Concerned && part.outcome == Ternary::No;
            parts.push(part);
            if refused {
                break;
            }
        }
        Ok(parts)
    }

    fn part(&self, told: &ToldPart) -> Result<Part, AssessError> {
        let outcome = ternary(self.kept.bits(told.holds, QUESTION));
        let paid = if outcome == Ternary::No { &[][..] } else { &told.paid[..] };
        Ok(Part {
            kind: told.kind,
            name: told.name.clone(),
            outcome,
            sources: told.sources.clone(),
            evidence: Evidence {
                rows: self.rows(&told.parts),
                lists: self.lists(told.lists.iter().chain(paid))?,
                missing: self.missing(&[told.holds], QUESTION)?,
            },
        })
    }

    /// What a value rests on.
    pub fn evidence(&self, node: N, lists: &[ToldList]) -> Result<Evidence, AssessError> {
        Ok(Evidence {
            rows: self.rests_on(&[node]),
            lists: self.lists(lists.iter())?,
            missing: self.missing(&[node], QUESTION)?,
        })
    }

    fn lists<'l>(&self, told: impl Iterator<Item = &'l ToldList>) -> Result<Vec<ListRead>, AssessError> {
        let mut lists = Vec::new();
        for list in told {
            if let Some(read) = self.list(list)?
                && !lists.contains(&read)
            {
                lists.push(read);
            }
        }
        Ok(lists)
    }

    /// The rows on which parts rest that have to be true together: the first that is false is
    /// reason enough.
    fn rows(&self, parts: &[N]) -> Vec<RowRead> {
        let no = parts.iter().position(|part| self.kept.bits(*part, QUESTION) == NO);
        self.rests_on(no.map_or(parts, |no| &parts[no..=no]))
    }

    /// The rows on which some values rest.
    fn rests_on(&self, nodes: &[N]) -> Vec<RowRead> {
        let mut rests = Rests::new(self.kept);
        for node in nodes {
            rests.value(*node, QUESTION);
        }
        rests.rows(self.circle)
    }

    /// The facts that would decide some values.
    fn missing(&self, nodes: &[N], at: usize) -> Result<Vec<Missing>, AssessError> {
        let mut walk = Walk::new(self.kept);
        for node in nodes {
            walk.value(*node, at);
        }
        let schema = &self.kept.facts.pack.schema;
        match walk.unloaded {
            Some((entity, field)) => Err(not_loaded(schema, self.measure, entity, field)),
            None => Ok(missing::named(schema, &walk.leaves)),
        }
    }

    /// A list; none where it is the word of a row that is not known.
    fn list(&self, told: &ToldList) -> Result<Option<ListRead>, AssessError> {
        let (list, at) = match &told.of {
            None => (&told.list, QUESTION),
            Some(row) => match (self.the_one(row), &told.unopened) {
                (Some(at), _) => (&told.list, at),
                (None, Some(unopened)) => (unopened, QUESTION),
                (None, None) => return Ok(None),
            },
        };
        let mut read = ListRead {
            name: told.name.clone(),
            counted: Vec::new(),
            possible: Vec::new(),
            left_out: Vec::new(),
            open: self.kept.bits(list.open, at) & YES != 0,
        };
        let edges = self.kept.edges(list.edges);
        for edge in edges.run(at) {
            let thing = edges.rows[edge];
            if thing != ANY && self.kept.bits(list.member, edge) & YES != 0 {
                self.place(list, edge, self.item(list, thing as usize), &mut read)?;
            }
        }
        Ok(Some(read))
    }

    fn place(&self, list: &Sifted, edge: usize, item: Item, read: &mut ListRead) -> Result<(), AssessError> {
        let member = self.kept.bits(list.member, edge);
        let whole = list.when.as_ref().map_or(YES, |when| self.kept.bits(when.whole, edge));
        if let Some(when) = list.when.as_ref().filter(|_| whole == NO) {
            let wrong = when.parts.iter().filter(|(_, holds)| self.kept.bits(*holds, edge) == NO);
            read.left_out.push((item, wrong.map(|(part, _)| part.clone()).collect()));
        } else if member == YES && whole == YES {
            read.counted.push(item);
        } else {
            let nodes: Vec<N> =
                [list.member].into_iter().chain(list.when.as_ref().map(|when| when.whole)).collect();
            read.possible.push((item, self.missing(&nodes, edge)?));
        }
        Ok(())
    }

    /// The one row that a row certainly is.
    fn the_one(&self, row: &OneRow) -> Option<usize> {
        let edges = self.kept.edges(row.edges);
        let sure = row.exists.is_none_or(|exists| self.kept.bits(exists, QUESTION) == YES);
        match edges.rows[edges.run(QUESTION)] {
            [one] if sure && one != ANY => Some(one as usize),
            _ => None,
        }
    }

    fn item(&self, list: &Sifted, thing: usize) -> Item {
        let facts: &Facts = self.kept.facts;
        let entity = list.entity;
        let stored =
            !facts.is_named(entity, thing) && !facts.pack.groups.iter().any(|group| group.entity == entity);
        let row = facts.rows(entity, thing).next().filter(|_| stored).map(|row| row.id());
        Item { entity, person: facts.about(entity, thing), row }
    }
}
