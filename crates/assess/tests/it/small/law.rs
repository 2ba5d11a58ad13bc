//! Relations, words, numbers and rules of the small law.

use card::{Date, EntityId, FieldId, Standing, Text};
use law::{
    Arity, Choice, Constant, Dated, Entry, Group, KeyTest, Link, LinkFrom, Offered, Pack, Parameter, Rule,
    Silence, Step, Word,
    tree::{Exact, Expr, MeasureId, Type},
};

use super::{measures::measures, schema::*, terms::*};

pub fn long_ago() -> Date {
    "1900-01-01".parse().expect("a day")
}

pub fn dated(e: Expr) -> Dated<Expr> {
    Dated(vec![(long_ago(), e)])
}

pub fn text(name: &str) -> Text {
    Text { kk: format!("{name} (kk)"), ru: format!("{name} (ru)"), en: name.to_owned() }
}

fn link(
    name: &str,
    of: EntityId,
    to: EntityId,
    from: LinkFrom,
    by: u16,
    arity: Arity,
    silence: Silence,
) -> Link {
    let (name, title, by) = (name.to_owned(), text(name), FieldId(by));
    Link { name, title, of, to, from, by, arity, silence, registry: OWNER, order: Vec::new() }
}

fn links() -> Vec<Link> {
    use Arity::{ManyAll, ManyOnDay, OneByKey, OneOnDay};
    use Silence::{ClosedByRegistry, Nothing, Open, ThroughMonth, Unknown};
    let field = |at: u16| LinkFrom::Field(FieldId(at));
    let key = LinkFrom::Key;
    vec![
        link("ties", PERSON, TIE, key, 0, ManyOnDay, ClosedByRegistry),
        Link {
            order: vec![FieldId(3)],
            ..link("child_links", PERSON, TIE, key, 1, ManyOnDay, ClosedByRegistry)
        },
        link("child", TIE, PERSON, field(0), 0, OneByKey, Unknown),
        link("parent", TIE, PERSON, field(1), 0, OneByKey, Unknown),
        link("study", PERSON, STUDY, key, 0, OneOnDay, Nothing),
        link("studies_ever", PERSON, STUDY, key, 0, ManyAll, ClosedByRegistry),
        link("home", PERSON, HOME, key, 0, OneOnDay, Unknown),
        link("incomes", PERSON, INCOME, key, 0, ManyAll, ThroughMonth),
        link("insured_months", PERSON, INSURED_MONTH, key, 0, ManyAll, ThroughMonth),
        link("rows", INSURED_MONTH, INCOME, key, 0, ManyAll, ThroughMonth),
        link("ties_abroad", PERSON, TIE, key, 0, ManyOnDay, Open),
    ]
}

fn word(terms: &mut Terms, of: EntityId, name: &str, is: impl FnOnce(&Terms, Expr) -> Expr) {
    let is = is(terms, row(0, of));
    let ty = is.ty.clone();
    let (name, title) = (name.to_owned(), text(name));
    terms.words.push(Word { name, title, of, is: dated(is), ty, sources: Vec::new() });
}

fn words(t: &mut Terms) {
    word(t, PERSON, "age", |t, p| age_on(t.f(p, "birth_date"), day()));
    word(t, PERSON, "alive", |t, p| {
        let died = || t.f(p.clone(), "death_date");
        not(and(vec![exists(died()), cmp(guarded(died()), "<=", day())]))
    });
    word(t, PERSON, "parents", |t, p| each(t.l(p, "ties"), 1, |tie| t.l(tie, "parent")));
    word(t, PERSON, "children", |t, p| each(t.l(p, "child_links"), 1, |tie| t.l(tie, "child")));
    word(t, PERSON, "siblings", |t, p| {
        let all = each(t.w(p.clone(), "parents"), 1, |q| t.w(q, "children"));
        filter(all, 1, |q| cmp(q, "!=", p))
    });
    word(t, PERSON, "mother", |t, p| {
        only(filter(t.w(p, "parents"), 1, |q| cmp(t.f(q, "sex"), "=", value(SEX, 0))))
    });
    word(t, PERSON, "student", |t, p| {
        let study = || t.l(p.clone(), "study");
        and(vec![exists(study()), t.f(guarded(study()), "full_time")])
    });
    word(t, PERSON, "minor", |t, p| cmp(t.w(p, "age"), "<", num(18)));
    word(t, PERSON, "counted", |t, p| {
        filter(t.w(p, "children"), 1, |c| {
            and(vec![t.w(c.clone(), "alive"), or(vec![t.w(c.clone(), "minor"), t.w(c, "student")])])
        })
    });
    word(t, PERSON, "birth_order", |t, p| {
        let elder = through(t.w(p.clone(), "mother"), 1, |m| {
            filter(t.w(m, "children"), 2, |c| cmp(t.f(c, "birth_date"), "<", t.f(p.clone(), "birth_date")))
        });
        add(num(1), count(elder))
    });
    word(t, PERSON, "quarter_income", |t, p| {
        let of_quarter =
            filter(t.l(p, "incomes"), 1, |i| in_window(t.f(i, "month"), quarter_before(asked_on())));
        sum(each(of_quarter, 1, |i| t.f(i, "amount")))
    });
    word(t, INSURED_MONTH, "object", |t, m| sum(each(t.l(m, "rows"), 1, |i| t.f(i, "amount"))));
    word(t, TIE, "by_blood", |t, tie| cmp(t.f(tie, "kind"), "=", value(KIND, 0)));
}

fn step(from: &str, entries: Vec<Entry>, standing: Standing) -> Step {
    Step { from: from.parse().expect("a day"), entries, sources: Vec::new(), standing }
}

fn always(value: Constant) -> Vec<Entry> {
    vec![Entry { tests: Vec::new(), value }]
}

fn number(n: i128, d: i128) -> Constant {
    Constant::Number(Exact::new(n, d))
}

fn parameter(name: &str, ty: Type, keys: Vec<Type>, index: bool, steps: Vec<Step>) -> Parameter {
    let (name, title) = (name.to_owned(), text(name));
    Parameter { name, title, measure: None, ty, unit: None, keys, index, steps }
}

fn at(n: i128) -> (Exact, bool) {
    (Exact::from_integer(n), true)
}

fn parameters() -> Vec<Parameter> {
    use Standing::{Confirmed, Preliminary, SingleSource};
    let exactly = |n: i128| KeyTest::Range(Some(at(n)), Some(at(n)));
    let entry = |tests: Vec<KeyTest>, value: Constant| Entry { tests, value };
    let months = |n: i32| Constant::Duration(card::Span::Months(n));
    let by_sex = |female: i32, male: i32| {
        vec![
            entry(vec![KeyTest::OneOf(vec![0])], months(female)),
            entry(vec![KeyTest::OneOf(vec![1])], months(male)),
        ]
    };
    vec![
        parameter(
            "unit",
            Type::Money,
            vec![],
            false,
            vec![
                step("2000-01-01", always(number(100, 1)), Confirmed),
                step("2024-01-01", always(number(3692, 1)), SingleSource),
                step("2025-01-01", always(number(3932, 1)), Confirmed),
            ],
        ),
        parameter(
            "rate",
            Type::Decimal,
            vec![Type::Integer],
            false,
            vec![step(
                "2000-01-01",
                vec![
                    entry(vec![exactly(1)], number(1003, 100)),
                    entry(vec![exactly(2)], number(2004, 100)),
                    entry(vec![KeyTest::Range(Some(at(3)), None)], number(2405, 100)),
                ],
                Confirmed,
            )],
        ),
        parameter(
            "weight",
            Type::Decimal,
            vec![Type::Enum(SEX), Type::Bool],
            false,
            vec![step(
                "2000-01-01",
                vec![
                    entry(vec![KeyTest::OneOf(vec![0]), KeyTest::Any], number(3, 2)),
                    entry(vec![KeyTest::OneOf(vec![1]), KeyTest::Is(true)], number(1, 1)),
                ],
                Preliminary,
            )],
        ),
        parameter(
            "norm",
            Type::Money,
            vec![Type::Code],
            false,
            vec![step(
                "2000-01-01",
                vec![
                    entry(vec![KeyTest::Codes(vec!["north".into()])], number(700, 1)),
                    entry(vec![KeyTest::Codes(vec!["south".into(), "west".into()])], number(500, 1)),
                ],
                Confirmed,
            )],
        ),
        parameter(
            "pension_age",
            Type::Duration,
            vec![Type::Enum(SEX)],
            false,
            vec![
                step("2000-01-01", by_sex(58 * 12, 63 * 12), Confirmed),
                step("2024-01-01", by_sex(60 * 12, 63 * 12), Confirmed),
                step("2025-01-01", by_sex(61 * 12 + 6, 63 * 12), Confirmed),
            ],
        ),
        parameter(
            "indexation",
            Type::Decimal,
            vec![],
            true,
            vec![
                step("2023-01-01", always(number(105, 100)), Confirmed),
                step("2024-07-01", always(number(98, 100)), Confirmed),
                step("2025-01-01", always(number(110, 100)), Confirmed),
            ],
        ),
        parameter(
            "rounding",
            Type::Enum(ROUNDING),
            vec![],
            false,
            vec![
                step("2000-01-01", always(Constant::Enum(1)), Confirmed),
                step("2025-01-01", always(Constant::Enum(0)), Confirmed),
            ],
        ),
        parameter(
            "window",
            Type::Duration,
            vec![],
            false,
            vec![step("2000-01-01", always(months(1)), Confirmed)],
        ),
        parameter(
            "back_pay",
            Type::Duration,
            vec![],
            false,
            vec![
                step("2000-01-01", always(months(3)), Confirmed),
                step("2024-06-01", always(months(6)), Confirmed),
            ],
        ),
    ]
}

fn rules(t: &mut Terms) {
    let months = arg(0, list(INSURED_MONTH));
    let in_window_of =
        filter(months, 3, |m| in_window(t.f(m, "month"), months_before(arg(1, Type::Date), 6)));
    let average = div(sum(each(in_window_of, 3, |m| t.w(m, "object"))), arg(2, Type::Integer));
    let with = vec![
        ("months".to_owned(), list(INSURED_MONTH)),
        ("until".to_owned(), Type::Date),
        ("n".to_owned(), Type::Integer),
    ];
    let (name, title) = ("average".to_owned(), text("average"));
    t.rules.push(Rule { name, title, with, ty: Type::Money, is: dated(average), sources: Vec::new() });
}

/// The whole small law.
pub fn pack() -> Pack {
    let mut terms = Terms { schema: schema(), links: links(), parameters: parameters(), ..Terms::default() };
    words(&mut terms);
    rules(&mut terms);
    let measures = measures(&terms);
    let person = row(0, PERSON);
    let choices = vec![Choice {
        name: "grant_or_shared".into(),
        between: vec![MeasureId(0), MeasureId(1)],
        person: None,
        unless: Some(cmp(terms.w(person, "age"), "<", num(25))),
        offered: Offered::TheLarger,
        wait: None,
        sources: Vec::new(),
    }];
    Pack {
        groups: vec![Group { entity: INSURED_MONTH, rows: INCOME, by: vec![FieldId(0), FieldId(1)] }],
        acts: Vec::new(),
        roles: Vec::new(),
        measures,
        choices,
        scores: Vec::new(),
        schema: terms.schema,
        links: terms.links,
        words: terms.words,
        parameters: terms.parameters,
        rules: terms.rules,
        layout: String::new(),
    }
}
