use std::fmt;

/// Why a pack does not load, or a warning about it: where, what, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The path of the source.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The keys that lead to the place, such as `conditions.four_children.holds`.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub mend: Option<String>,
    /// The line, and below it carets under the exact place.
    pub excerpt: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}\n{}", self.message, self.excerpt)?;
        self.mend.as_ref().map_or(Ok(()), |mend| write!(f, "\n  mend: {mend}"))
    }
}

/// The candidate that a misspelt name probably meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(far, _)| *far <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?", or all candidates where none is near and they are few.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(near) = nearest(name, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let known: Vec<String> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
    (1..=8).contains(&known.len()).then(|| format!("known here: {}", known.join(", ")))
}

/// Edits, neighbours swapped included, that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let words = ["birth_date", "death_date", "sex"];
        assert_eq!(nearest("brith_date", words), Some("birth_date"));
        assert_eq!(nearest("sez", words), Some("sex"));
        assert_eq!(nearest("income", words), None);
        assert_eq!(did_you_mean("income", ["a", "b"]), Some("known here: `a`, `b`".into()));
    }
}
