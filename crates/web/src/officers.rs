use card::{Actor, Role};

use crate::words::Words;

/// The officials who may use the pages. Until sign-in is built, whoever opens the page chooses one
/// of them, and every use case still checks the role.
#[derive(Clone, Debug)]
pub struct Officers(Vec<Actor>);

impl Officers {
    /// A list that is not empty.
    pub fn new(first: (&str, Role), others: &[(&str, Role)]) -> Self {
        Self(
            std::iter::once(&first)
                .chain(others)
                .map(|(name, role)| Actor::Officer { name: (*name).to_owned(), role: *role })
                .collect(),
        )
    }

    /// The official at a position; the first if there is none.
    pub(crate) fn at(&self, position: usize) -> Actor {
        self.0.get(position).unwrap_or(&self.0[0]).clone()
    }

    /// Their names and roles, for the menu.
    pub(crate) fn menu(&self, w: &Words) -> Vec<String> {
        self.0
            .iter()
            .map(|actor| match actor {
                Actor::Officer { name, role } => format!("{name} ({})", w.role(*role)),
                _ => String::new(),
            })
            .collect()
    }
}
