//! Where the law is written.

use card::Lang;
use law::Pack;

/// Sources, given as `act:article`: each act once, by its title, with its articles.
pub(super) fn articles(pack: &Pack, sources: &[String], lang: Lang) -> String {
    let mut acts: Vec<(&str, Vec<&str>)> = Vec::new();
    for source in sources {
        let (act, article) = source.split_once(':').unwrap_or((source, ""));
        match acts.iter_mut().find(|(known, _)| *known == act) {
            Some((_, articles)) => articles.push(article),
            None => acts.push((act, vec![article])),
        }
    }
    let one = |(key, articles): (&str, Vec<&str>)| {
        let act = pack.acts.iter().find(|act| act.key == key);
        let title = act.map(|act| act.title.get(lang)).filter(|title| !title.is_empty()).unwrap_or(key);
        std::iter::once(title)
            .chain(articles.into_iter().filter(|article| !article.is_empty()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    acts.into_iter().map(one).collect::<Vec<_>>().join("; ")
}
