//! What an expression says, in the words of the pack: the sentence beside the article that a jurist
//! signs. It is generated, so it says what is computed and not what somebody meant.

use card::{FieldId, Lang, Span, Text};

use crate::{
    pack::Pack,
    tree::{Comparison, Expr, MeasureId, Node, Slot, Type},
};

/// An expression of a measure (or, with `None`, of a word or a rule) as a sentence.
///
/// A `let` and the argument of a rule have no title; they are read by their names.
pub fn reading(pack: &Pack, measure: Option<MeasureId>, expr: &Expr, lang: Lang) -> String {
    Reader { pack, measure, lang, at: Slot(0) }.say(expr)
}

#[derive(Clone, Copy)]
struct Reader<'p> {
    pack: &'p Pack,
    measure: Option<MeasureId>,
    lang: Lang,
    /// The row at hand, whose fields are read without saying whose.
    at: Slot,
}

/// A phrase in three languages; `{0}`, `{1}` and `{2}` are its parts.
type Phrase = [&'static str; 3];

const DAY: Phrase = ["сол күн", "этот день", "the day"];
const ASKED_ON: Phrase = ["өтініш күні", "день обращения", "the day of the request"];
const YES: Phrase = ["иә", "да", "yes"];
const NEVER: Phrase = ["жоқ", "нет", "no"];
const PERSON: Phrase = ["осы адам", "это лицо", "this person"];
const ROW: Phrase = ["осы жазба", "эта запись", "this row"];
const OF: Phrase = ["{0}: {1}", "{0}: {1}", "{0}: {1}"];
const EACH: Phrase = ["{1} (әрқайсысы: {0})", "{1} (у каждого из: {0})", "{1} (of each of: {0})"];
const WHERE: Phrase = ["{0}, оларда {1}", "{0}, где {1}", "{0} where {1}"];
const SOME: Phrase = [
    "({0}) ішінде кемінде біреуінде {1}",
    "среди ({0}) хотя бы у одного {1}",
    "among ({0}) at least one has {1}",
];
const EVERY: Phrase = ["({0}) әрқайсысында {1}", "у каждого из ({0}) {1}", "each of ({0}) has {1}"];
const NOT: Phrase = ["({0}) емес", "неверно, что ({0})", "not ({0})"];
const AND: Phrase = [" және ", " и ", " and "];
const OR: Phrase = [" немесе ", " или ", " or "];
const IN: Phrase = ["{0} мыналардың бірі: {1}", "{0} — одно из: {1}", "{0} is one of: {1}"];
const FROM_TO: Phrase = ["{0} {1} мен {2} аралығында", "{0} от {1} до {2}", "{0} from {1} to {2}"];
const INCLUDED: Phrase = ["қоса алғанда", "включительно", "inclusive"];
const EXCLUDED: Phrase = ["қоспағанда", "не включая", "exclusive"];
const AMONG: Phrase = ["{0} мынаның ішінде: {1}", "{0} входит в ({1})", "{0} is in ({1})"];
const IF: Phrase =
    ["егер {0}, онда {1}, әйтпесе {2}", "если {0}, то {1}, иначе {2}", "if {0}, then {1}, else {2}"];
const COUNT: Phrase = ["({0}) саны", "число ({0})", "the number of ({0})"];
const SUM: Phrase = ["({0}) қосындысы", "сумма ({0})", "the sum of ({0})"];
const MIN: Phrase = ["ең азы: {0}", "наименьшее из: {0}", "the least of: {0}"];
const MAX: Phrase = ["ең көбі: {0}", "наибольшее из: {0}", "the greatest of: {0}"];
const EXISTS: Phrase = ["{0} бар", "есть {0}", "there is {0}"];
const FLOOR: Phrase = ["{0}, бүтінге дейін кемітіп", "{0}, целая часть", "{0}, rounded down"];
const UNION: Phrase = ["бірге: {0}", "вместе: {0}", "together: {0}"];
const ONLY: Phrase = ["жалғызы: {0}", "единственное из ({0})", "the only one of ({0})"];
const FIRST: Phrase = ["біріншісі: {0}", "первое из ({0})", "the first of ({0})"];
const AGE: Phrase = ["{1} күнгі жас ({0})", "возраст на {1} ({0})", "age on {1} ({0})"];
const MONTH: Phrase = ["{0} айы", "месяц, в котором {0}", "the month of {0}"];
const FIRST_DAY: Phrase = ["{0} бірінші күні", "первый день ({0})", "the first day of {0}"];
const LAST_DAY: Phrase = ["{0} соңғы күні", "последний день ({0})", "the last day of {0}"];
const BEFORE: Phrase = ["{0} алдындағы {1} ай", "{1} мес. перед {0}", "the {1} months before {0}"];
const QUARTER_BEFORE: Phrase = ["{0} алдындағы тоқсан", "квартал перед {0}", "the quarter before {0}"];
const QUARTER: Phrase = ["{0} тоқсаны", "квартал, в котором {0}", "the quarter of {0}"];
const REACHED: Phrase = [
    "{1} бастап «{0}» толатын күн",
    "день, когда от {1} проходит «{0}»",
    "the day on which “{0}” has passed since {1}",
];
const AS_OF: Phrase = ["{1} ({0} күнгі жағдай)", "{1} (по состоянию на {0})", "{1} (as of {0})"];
const ON: Phrase = ["{0} ({1} күнгі)", "{0} (на {1})", "{0} (on {1})"];
const INDEX: Phrase = ["{1} – {2} аралығындағы {0}", "{0} с {1} по {2}", "{0} from {1} to {2}"];
const VALID_FROM: Phrase = ["басталған күні", "начало действия", "valid from"];
const VALID_UNTIL: Phrase = ["аяқталған күні", "конец действия", "valid until"];

impl Reader<'_> {
    fn pick(&self, phrase: Phrase) -> &'static str {
        match self.lang {
            Lang::Kk => phrase[0],
            Lang::Ru => phrase[1],
            Lang::En => phrase[2],
        }
    }

    fn fill(&self, phrase: Phrase, parts: &[String]) -> String {
        let mut text = self.pick(phrase).to_owned();
        for (at, part) in parts.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), part);
        }
        text
    }

    fn title(&self, title: &Text, name: &str) -> String {
        let title = title.get(self.lang);
        if title.is_empty() { name.replace('_', " ") } else { title.to_owned() }
    }

    /// A part, in brackets where it is a sentence of its own.
    fn part(&self, expr: &Expr) -> String {
        match expr.node {
            Node::Or(_) | Node::And(_) | Node::If(..) | Node::Add(..) | Node::Sub(..) => {
                format!("({})", self.say(expr))
            }
            _ => self.say(expr),
        }
    }

    fn joined(&self, parts: &[Expr], between: &str) -> String {
        parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(between)
    }

    fn one(&self, phrase: Phrase, a: &Expr) -> String {
        self.fill(phrase, &[self.say(a)])
    }

    fn two(&self, phrase: Phrase, a: &Expr, b: &Expr) -> String {
        self.fill(phrase, &[self.say(a), self.say(b)])
    }

    /// A list, and what is said of the row of it that is bound to the slot.
    fn rows(&self, phrase: Phrase, first: &Expr, slot: Slot, body: &Expr) -> String {
        self.fill(phrase, &[self.say(first), Self { at: slot, ..*self }.say(body)])
    }

    /// A field, relation or word of a row; of the row at hand its title alone.
    fn of(&self, row: &Expr, title: String) -> String {
        match &row.node {
            Node::Var(slot) if *slot == self.at => title,
            Node::Guarded(inner) => self.of(inner, title),
            _ => self.fill(OF, &[self.say(row), title]),
        }
    }

    fn field(&self, row: &Expr, field: FieldId) -> String {
        let Type::Row(of) = row.ty else { return String::new() };
        let field = self.pack.schema.at(of).at(field);
        self.of(row, self.title(&field.title, &field.name))
    }

    fn sign(&self, left: &Expr, sign: &str, right: &Expr) -> String {
        format!("{} {sign} {}", self.part(left), self.part(right))
    }

    fn say(&self, expr: &Expr) -> String {
        match &expr.node {
            Node::Bool(value) => self.pick(if *value { YES } else { NEVER }).into(),
            Node::Number(number) => number_of(*number),
            Node::Date(date) => date.to_string(),
            Node::Duration(span) => self.span(*span),
            Node::Enum(id, value) => {
                let values = self.pack.schema.enumeration(*id);
                format!("«{}»", self.title(&values.titles[*value as usize], &values.values[*value as usize]))
            }
            Node::Code(code) => format!("«{code}»"),
            Node::Day => self.pick(DAY).into(),
            Node::AskedOn => self.pick(ASKED_ON).into(),
            Node::Var(slot) => self.var(*slot, &expr.ty),
            Node::Let(id) => {
                let lets = self.measure.map(|id| &self.pack.measures[id.0 as usize].lets);
                lets.and_then(|lets| lets.get(id.0 as usize))
                    .map_or_else(String::new, |l| format!("«{}»", l.name.replace('_', " ")))
            }
            Node::Field(row, field) => self.field(row, *field),
            Node::ValidFrom(row) => self.of(row, self.pick(VALID_FROM).into()),
            Node::ValidUntil(row) => self.of(row, self.pick(VALID_UNTIL).into()),
            Node::Link(row, id) => {
                let link = self.pack.link(*id);
                self.of(row, self.title(&link.title, &link.name))
            }
            Node::Word(row, id) => {
                let word = self.pack.word(*id);
                self.of(row, self.title(&word.title, &word.name))
            }
            Node::Each { list: rows, slot, body } => self.rows(EACH, rows, *slot, body),
            Node::Through { row, slot, body } => self.rows(OF, row, *slot, body),
            Node::Filter { list, slot, when } => self.rows(WHERE, list, *slot, when),
            Node::Some { list, slot, when } => self.rows(SOME, list, *slot, when),
            Node::Every { list, slot, when } => self.rows(EVERY, list, *slot, when),
            Node::Neg(a) => format!("−{}", self.part(a)),
            Node::Add(a, b) => self.sign(a, "+", b),
            Node::Sub(a, b) => self.sign(a, "−", b),
            Node::Mul(a, b) => self.sign(a, "×", b),
            Node::Div(a, b) => self.sign(a, "÷", b),
            Node::Compare(comparison, a, b) => self.compare(*comparison, a, b),
            Node::And(parts) => self.joined(parts, self.pick(AND)),
            Node::Or(parts) => self.joined(parts, self.pick(OR)),
            Node::Not(a) => self.one(NOT, a),
            Node::InValues(a, values) => self.fill(IN, &[self.say(a), self.joined(values, ", ")]),
            Node::InRange { value, lo, lo_included, hi, hi_included } => {
                let end = |expr: &Expr, included: bool| {
                    format!("{} ({})", self.say(expr), self.pick(if included { INCLUDED } else { EXCLUDED }))
                };
                self.fill(FROM_TO, &[self.say(value), end(lo, *lo_included), end(hi, *hi_included)])
            }
            Node::InWindow(a, b) | Node::InRows(a, b) => self.two(AMONG, a, b),
            Node::If(when, yes, no) => self.fill(IF, &[self.say(when), self.part(yes), self.part(no)]),
            Node::Count(list) => self.one(COUNT, list),
            Node::Sum(list) => self.one(SUM, list),
            Node::Min(parts) => self.fill(MIN, &[self.joined(parts, "; ")]),
            Node::Max(parts) => self.fill(MAX, &[self.joined(parts, "; ")]),
            Node::Exists(a) => self.one(EXISTS, a),
            Node::Guarded(a) => self.say(a),
            Node::Floor(a) => self.one(FLOOR, a),
            Node::Union(parts) => self.fill(UNION, &[self.joined(parts, "; ")]),
            Node::Only(list) => self.one(ONLY, list),
            Node::OnlyFirst(list) => self.one(FIRST, list),
            Node::AgeOn(born, on) => self.two(AGE, born, on),
            Node::MonthOf(a) => self.one(MONTH, a),
            Node::FirstDay(a) => self.one(FIRST_DAY, a),
            Node::LastDay(a) => self.one(LAST_DAY, a),
            Node::MonthsBefore(a, b) => self.two(BEFORE, a, b),
            Node::QuarterBefore(a) => self.one(QUARTER_BEFORE, a),
            Node::QuarterOf(a) => self.one(QUARTER, a),
            Node::ReachedOn(id, keys, from) => {
                let parameter = self.pack.parameter(*id);
                self.fill(
                    REACHED,
                    &[self.called(self.title(&parameter.title, &parameter.name), keys), self.say(from)],
                )
            }
            Node::AsOf(on, a) => self.two(AS_OF, on, a),
            Node::Parameter(id, keys, on) => {
                let parameter = self.pack.parameter(*id);
                let called = self.called(self.title(&parameter.title, &parameter.name), keys);
                on.as_ref().map_or(called.clone(), |on| self.fill(ON, &[called, self.say(on)]))
            }
            Node::Index(id, from, to) => {
                let parameter = self.pack.parameter(*id);
                self.fill(
                    INDEX,
                    &[self.title(&parameter.title, &parameter.name), self.say(from), self.say(to)],
                )
            }
            Node::Rule(id, arguments) => {
                let rule = self.pack.rule(*id);
                self.called(self.title(&rule.title, &rule.name), arguments)
            }
        }
    }

    fn called(&self, name: String, arguments: &[Expr]) -> String {
        if arguments.is_empty() { name } else { format!("{name} ({})", self.joined(arguments, "; ")) }
    }

    fn var(&self, slot: Slot, ty: &Type) -> String {
        match ty {
            Type::Row(of) if *of == card::Schema::PERSON => self.pick(PERSON).into(),
            Type::Row(_) => self.pick(ROW).into(),
            _ => format!("#{}", slot.0 + 1),
        }
    }

    fn compare(&self, comparison: Comparison, a: &Expr, b: &Expr) -> String {
        let earlier = matches!(a.ty, Type::Date | Type::Month);
        let phrase: Phrase = match (comparison, earlier) {
            (Comparison::Equal, _) => ["{0} — {1}", "{0} — {1}", "{0} is {1}"],
            (Comparison::NotEqual, _) => ["{0} — {1} емес", "{0} — не {1}", "{0} is not {1}"],
            (Comparison::Less, true) => ["{0} {1} дейін", "{0} раньше, чем {1}", "{0} is before {1}"],
            (Comparison::AtMost, true) => {
                ["{0} {1} кешіктірілмей", "{0} не позже, чем {1}", "{0} is not after {1}"]
            }
            (Comparison::Greater, true) => ["{0} {1} кейін", "{0} позже, чем {1}", "{0} is after {1}"],
            (Comparison::AtLeast, true) => {
                ["{0} {1} ерте емес", "{0} не раньше, чем {1}", "{0} is not before {1}"]
            }
            (Comparison::Less, false) => ["{0} аз: {1}", "{0} меньше {1}", "{0} is less than {1}"],
            (Comparison::AtMost, false) => ["{0} көп емес: {1}", "{0} не больше {1}", "{0} is at most {1}"],
            (Comparison::Greater, false) => ["{0} көп: {1}", "{0} больше {1}", "{0} is more than {1}"],
            (Comparison::AtLeast, false) => ["{0} кем емес: {1}", "{0} не меньше {1}", "{0} is at least {1}"],
        };
        self.fill(phrase, &[self.part(a), self.part(b)])
    }

    fn span(&self, span: Span) -> String {
        match span {
            Span::Days(days) => format!("{days} {}", self.pick(["күн", "дн.", "days"])),
            Span::Months(months) if months != 0 && months % 12 == 0 => {
                format!("{} {}", months / 12, self.pick(["жыл", "г.", "years"]))
            }
            Span::Months(months) => format!("{months} {}", self.pick(["ай", "мес.", "months"])),
        }
    }
}

/// A decimal where it ends, else a fraction.
fn number_of(number: crate::tree::Exact) -> String {
    for places in 0..=6u32 {
        let scale = 10i128.pow(places);
        let scaled = number * crate::tree::Exact::from_integer(scale);
        if !scaled.is_integer() {
            continue;
        }
        let whole = scaled.to_integer();
        if places == 0 {
            return whole.to_string();
        }
        let sign = if whole < 0 { "-" } else { "" };
        let (whole, rest) = (whole.abs() / scale, whole.abs() % scale);
        return format!("{sign}{whole}.{rest:0width$}", width = places as usize);
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_law_writes_them() {
        let number = |a, b| number_of(crate::tree::Exact::new(a, b));
        assert_eq!(
            (number(1603, 100), number(38, 1), number(1, 3)),
            ("16.03".into(), "38".into(), "1/3".into())
        );
        assert_eq!(number(-1, 4), "-0.25");
    }
}
