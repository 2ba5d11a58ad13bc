//! The order in which a graph is executed.

use crate::plan::{Dom, Graph, N, inputs};

/// The nodes of a graph that some results need, in order: first those that are the same for every
/// question, then those that are computed question by question.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(super) shared: Vec<Step>,
    pub(super) asked: Vec<Step>,
}

/// A node, and the columns of its part of the schedule that no later node needs.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub node: N,
    pub drops: Vec<N>,
}

impl Schedule {
    /// What results need.
    pub fn of(graph: &Graph, results: &[N]) -> Self {
        let mut needed = vec![false; graph.len()];
        for result in results {
            needed[result.0 as usize] = true;
        }
        for at in (0..graph.len()).rev() {
            if needed[at] {
                for input in inputs(graph.op(N(at as u32))) {
                    needed[input.0 as usize] = true;
                }
            }
        }
        let is_asked = asked(graph);
        let order = |of_asked: bool| {
            let here = |at: &usize| needed[*at] && is_asked[*at] == of_asked;
            (0..graph.len()).filter(here).map(|at| N(at as u32)).collect::<Vec<N>>()
        };
        let (shared, asked) = (order(false), order(true));
        // Where each column is needed last; one that the other part or a result needs, is kept.
        let mut last_use = vec![None; graph.len()];
        for node in shared.iter().chain(&asked) {
            for input in inputs(graph.op(*node)) {
                let crosses = is_asked[input.0 as usize] != is_asked[node.0 as usize];
                last_use[input.0 as usize] = (!crosses).then_some(*node);
            }
        }
        for result in results {
            last_use[result.0 as usize] = None;
        }
        let mut drops = vec![Vec::new(); graph.len()];
        for node in shared.iter().chain(&asked) {
            if let Some(last) = last_use[node.0 as usize] {
                drops[last.0 as usize].push(*node);
            }
        }
        let mut steps = |order: Vec<N>| -> Vec<Step> {
            let step = |node: N| Step { node, drops: std::mem::take(&mut drops[node.0 as usize]) };
            order.into_iter().map(step).collect()
        };
        Self { shared: steps(shared), asked: steps(asked) }
    }
}

/// Of each node: does it differ from question to question?
fn asked(graph: &Graph) -> Vec<bool> {
    let mut asked = vec![false; graph.len()];
    for at in 0..graph.len() {
        let node = N(at as u32);
        let stands_on_questions = match graph.dom(node) {
            Dom::Questions => true,
            Dom::Edges(edges) => asked[edges.0 as usize],
            Dom::One | Dom::Rows(_) => false,
        };
        asked[at] = stands_on_questions || inputs(graph.op(node)).iter().any(|input| asked[input.0 as usize]);
    }
    asked
}
