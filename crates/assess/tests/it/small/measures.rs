//! The measures of the small law, and expressions that use every construct.

use law::{
    Branch, Condition, ConditionTold, Delivery, Divided, Gives, Kind, Let, Measure, OfferWords, Once, Pack,
    Period, Refusal, Role, Says, Told, Withhold,
    tree::{Expr, Type},
};

use super::{
    law::{dated, long_ago, text},
    schema::*,
    terms::*,
};

fn condition(name: &str, holds: Expr) -> Condition {
    let told =
        ConditionTold { holds: text("holds"), fails: text("fails"), unknown: text("unknown"), short: None };
    Condition { name: name.into(), holds: dated(holds), sources: vec![format!("code:{name}")], told }
}

fn branch(name: &str, when: Expr, pays: Expr) -> Branch {
    let (when, pays) = (dated(when), dated(pays));
    Branch { name: name.into(), when, pays, sources: vec![format!("code:{name}")], title: text(name) }
}

fn measure(t: &Terms, name: &str, when: Expr) -> Measure {
    Measure {
        name: name.into(),
        closure: String::new(),
        subject: Role { name: "subject".into(), of: PERSON, when },
        among: None,
        lets: Vec::new(),
        conditions: Vec::new(),
        refusals: Vec::new(),
        branches: Vec::new(),
        additions: Vec::new(),
        at_least: None,
        at_most: None,
        indexed: None,
        rounding: None,
        withholds: Vec::new(),
        divided: None,
        period: Period::default(),
        kinds: Vec::new(),
        pays_to: Vec::new(),
        claims: None,
        once: None,
        gives: Gives::Money {
            delivery: Delivery {
                decided_by: text("the office"),
                automatic_by: None,
                payer: "republic".into(),
                window: t.parameter("window"),
                decide_within: t.parameter("window"),
            },
            offer: OfferWords::default(),
        },
        told: Told { title: text(name), ..Told::default() },
        sources: vec!["code:1".into()],
        in_force: (long_ago(), None),
        cases: Vec::new(),
    }
}

fn me() -> Expr {
    row(0, PERSON)
}

fn local_list() -> Expr {
    local(0, list(PERSON))
}

fn lets(t: &Terms) -> Vec<Let> {
    let counted = t.w(me(), "counted");
    let number = count(local_list());
    vec![
        Let { name: "counted".into(), ty: counted.ty.clone(), is: dated(counted) },
        Let { name: "number".into(), ty: Type::Integer, is: dated(number) },
    ]
}

fn number() -> Expr {
    local(1, Type::Integer)
}

pub fn measures(t: &Terms) -> Vec<Measure> {
    vec![grant(t), shared(t), monthly(t), notice(t)]
}

/// A notice of the day on which a number of the law has passed, which rests on a parameter for its kind.
fn notice(t: &Terms) -> Measure {
    let dear = cmp(t.f(me(), "balance"), ">", mul(num(1), t.p("unit", vec![], None)));
    let kind = |name: &str, when| Kind { name: name.into(), when, duties: Vec::new(), sources: Vec::new() };
    Measure {
        among: Some(dated(cmp(t.w(me(), "age"), "<", num(50)))),
        conditions: vec![condition("alive", t.w(me(), "alive")), condition("minor", t.w(me(), "minor"))],
        kinds: vec![kind("student", t.w(me(), "student")), kind("dear", dear)],
        period: Period { right: Some(t.f(me(), "birth_date")), ..Period::default() },
        gives: Gives::Word(Says { sms: text("1414: {day}"), kinds: Vec::new() }),
        ..measure(t, "notice", cmp(t.w(me(), "age"), "<=", num(60)))
    }
}

fn grant(t: &Terms) -> Measure {
    let order = || t.w(me(), "birth_order");
    let born = || t.f(me(), "birth_date");
    Measure {
        among: Some(dated(cmp(t.w(me(), "age"), "<", num(45)))),
        lets: lets(t),
        conditions: vec![
            condition("alive", t.w(me(), "alive")),
            condition("parent_resident", some(t.w(me(), "parents"), 1, |p| t.f(p, "resident"))),
        ],
        refusals: vec![Refusal {
            name: "rich".into(),
            when: dated(cmp(t.f(me(), "balance"), ">", money(300))),
            unless: Some(dated(t.w(me(), "minor"))),
            sources: vec!["code:rich".into()],
            told: ConditionTold::default(),
        }],
        branches: vec![
            branch("first", cmp(order(), "=", num(1)), mul(num(38), t.p("unit", vec![], Some(asked_on())))),
            branch("later", cmp(order(), ">=", num(2)), mul(num(63), t.p("unit", vec![], Some(asked_on())))),
        ],
        additions: vec![branch("student", t.w(me(), "student"), mul(num(2), t.p("unit", vec![], None)))],
        at_most: Some(mul(num(64), t.p("unit", vec![], None))),
        rounding: Some(t.parameter("rounding")),
        period: Period {
            right: Some(born()),
            back_to: Some(sub(asked_on(), t.p("back_pay", vec![], Some(asked_on())))),
            until: Some(t.f(me(), "death_date")),
            ..Period::default()
        },
        pays_to: vec![t.w(me(), "mother"), t.w(me(), "parents")],
        claims: Some(me()),
        once: Some(Once::Ever),
        ..measure(t, "grant", cmp(t.w(me(), "age"), "<=", num(60)))
    }
}

fn shared(t: &Terms) -> Measure {
    Measure {
        lets: lets(t),
        conditions: vec![condition("some", cmp(number(), ">", num(0)))],
        branches: vec![branch(
            "by_number",
            yes(),
            mul(guarded(t.p("rate", vec![number()], None)), t.p("unit", vec![], None)),
        )],
        at_least: Some(t.w(me(), "quarter_income")),
        indexed: Some(t.index("indexation", t.f(me(), "birth_date"), day())),
        rounding: None,
        withholds: vec![Withhold {
            name: "contribution".into(),
            when: Some(t.f(me(), "resident")),
            share: div(num(1), num(10)),
            sources: Vec::new(),
        }],
        divided: Some(Divided {
            among: local_list(),
            each: add(num(1), t.f(row(1, PERSON), "rank")),
            only_if_asked: false,
        }),
        period: Period {
            from: Some(first_day(month_of(asked_on()))),
            until: Some(last_day(quarter_of(asked_on()))),
            monthly: true,
            ..Period::default()
        },
        kinds: vec![Kind {
            name: "working".into(),
            when: not(t.w(me(), "student")),
            duties: Vec::new(),
            sources: Vec::new(),
        }],
        pays_to: vec![local_list()],
        ..measure(t, "shared", yes())
    }
}

fn monthly(t: &Terms) -> Measure {
    let income = || t.rule("average", vec![t.l(me(), "insured_months"), asked_on(), num(6)]);
    Measure {
        lets: lets(t),
        conditions: vec![
            condition("insured", cmp(count(t.l(me(), "insured_months")), ">=", num(2))),
            condition("three_or_poor", or(vec![cmp(number(), ">=", num(3)), cmp(income(), "<", money(120))])),
        ],
        branches: vec![
            branch("woman", cmp(t.f(me(), "sex"), "=", value(SEX, 0)), div(income(), num(3))),
            branch("man", cmp(t.f(me(), "sex"), "!=", value(SEX, 0)), div(income(), num(7))),
        ],
        rounding: Some(t.parameter("rounding")),
        period: Period {
            months: Some(add(num(1), number())),
            next_month: true,
            monthly: true,
            ..Period::default()
        },
        pays_to: vec![me()],
        claims: Some(local_list()),
        ..measure(t, "monthly", yes())
    }
}

/// Expressions about a person in slot 0 that together use every construct.
pub fn expressions(pack: &Pack) -> Vec<(&'static str, Expr)> {
    let t = &Terms {
        schema: pack.schema.clone(),
        links: pack.links.clone(),
        words: pack.words.clone(),
        parameters: pack.parameters.clone(),
        rules: pack.rules.clone(),
    };
    let parents = || t.w(me(), "parents");
    let children = || t.w(me(), "children");
    let born = || t.f(me(), "birth_date");
    let study = || t.l(me(), "study");
    let died = || t.f(me(), "death_date");
    let of_months = |w: Expr| filter(t.l(me(), "incomes"), 1, |i| in_window(t.f(i, "month"), w));
    let amounts = |l: Expr| each(l, 2, |i| t.f(i, "amount"));
    vec![
        ("age", t.w(me(), "age")),
        ("alive", t.w(me(), "alive")),
        ("parents", parents()),
        ("children", children()),
        ("siblings", t.w(me(), "siblings")),
        ("mother", t.w(me(), "mother")),
        ("mothers_age", through(t.w(me(), "mother"), 1, |m| t.w(m, "age"))),
        ("mothers_children", count(through(t.w(me(), "mother"), 1, |m| t.w(m, "children")))),
        ("birth_order", t.w(me(), "birth_order")),
        ("counted", t.w(me(), "counted")),
        ("number", number()),
        ("four", cmp(number(), ">=", num(2))),
        ("number_in", in_range(number(), num(1), true, num(3), false)),
        ("number_of", in_values(number(), vec![num(0), num(2)])),
        ("grandchildren", count(each(children(), 1, |c| t.w(c, "children")))),
        ("ties_abroad", count(t.l(me(), "ties_abroad"))),
        ("blood", count(filter(t.l(me(), "child_links"), 1, |l| t.w(l, "by_blood")))),
        ("some_resident", some(parents(), 1, |p| t.f(p, "resident"))),
        ("every_resident", every(parents(), 1, |p| t.f(p, "resident"))),
        ("every_child_alive", every(children(), 1, |c| t.w(c, "alive"))),
        ("some_outer", some(children(), 1, |c| cmp(t.f(c, "rank"), ">", t.f(me(), "rank")))),
        ("ranks", sum(each(children(), 1, |c| t.f(c, "rank")))),
        ("balances", sum(each(children(), 1, |c| t.f(c, "balance")))),
        ("negative", neg(t.f(me(), "balance"))),
        ("difference", sub(t.f(me(), "balance"), mul(t.f(me(), "share"), money(40)))),
        ("product", mul(t.f(me(), "balance"), t.f(me(), "rank"))),
        ("ratio", div(t.f(me(), "balance"), add(num(1), t.f(me(), "rank")))),
        ("wild_ratio", div(num(7), add(t.f(me(), "rank"), t.f(me(), "share")))),
        ("floor", floor(div(t.f(me(), "rank"), num(2)))),
        ("least", least(vec![t.f(me(), "rank"), num(3), number()])),
        ("most", most(vec![t.f(me(), "rank"), num(3), number()])),
        ("latest", most(vec![born(), date("2000-01-01")])),
        ("xor", not(cmp(t.w(me(), "student"), "=", t.w(me(), "minor")))),
        ("or", or(vec![t.w(me(), "student"), t.f(me(), "resident")])),
        ("if_number", when(t.f(me(), "resident"), t.f(me(), "rank"), num(9))),
        ("if_list", count(when(t.f(me(), "resident"), parents(), children()))),
        ("if_row", t.f(when(exists(t.w(me(), "mother")), guarded(t.w(me(), "mother")), me()), "rank")),
        ("study_exists", exists(study())),
        ("full_time", and(vec![exists(study()), t.f(guarded(study()), "full_time")])),
        ("grant", when(exists(through(study(), 1, |s| t.f(s, "grant"))), num(1), num(0))),
        ("grant_of", through(study(), 1, |s| t.f(s, "grant"))),
        ("studied_since", through(study(), 1, valid_from)),
        ("studies_until", through(study(), 1, valid_until)),
        ("studies_ever", count(t.l(me(), "studies_ever"))),
        (
            "same_home",
            some(parents(), 1, |p| {
                cmp(t.f(t.l(p, "home"), "address"), "=", t.f(t.l(me(), "home"), "address"))
            }),
        ),
        ("address", cmp(t.f(t.l(me(), "home"), "address"), "=", code("street 1"))),
        ("in_rows", some(children(), 1, |c| in_rows(c, t.w(me(), "siblings")))),
        (
            "mother_in",
            and(vec![
                exists(t.w(me(), "mother")),
                in_rows(guarded(t.w(me(), "mother")), filter(parents(), 1, |p| t.f(p, "resident"))),
            ]),
        ),
        ("union", union(vec![parents(), t.w(me(), "mother"), children(), me()])),
        ("only_child", only(children())),
        ("first_link", only_first(t.l(me(), "child_links"))),
        (
            "first_child",
            count(filter(each(only_first(t.l(me(), "child_links")), 1, |l| t.l(l, "child")), 1, |c| {
                t.w(c, "minor")
            })),
        ),
        (
            "same_row",
            and(vec![
                exists(t.w(me(), "mother")),
                or(vec![cmp(me(), "=", guarded(t.w(me(), "mother"))), in_rows(me(), parents())]),
            ]),
        ),
        ("quarter_income", t.w(me(), "quarter_income")),
        (
            "month_income",
            sum(amounts(filter(t.l(me(), "incomes"), 1, |i| cmp(t.f(i, "month"), "=", month_of(day()))))),
        ),
        (
            "earlier_months",
            count(filter(t.l(me(), "incomes"), 1, |i| cmp(t.f(i, "month"), "<", month_of(day())))),
        ),
        ("half_year", count(of_months(months_before(day(), 6)))),
        ("after_birth", count(of_months(months_before(born(), 3)))),
        ("this_quarter", sum(amounts(of_months(quarter_of(day()))))),
        ("insured", count(t.l(me(), "insured_months"))),
        ("objects", sum(each(t.l(me(), "insured_months"), 1, |m| t.w(m, "object")))),
        ("average", t.rule("average", vec![t.l(me(), "insured_months"), asked_on(), num(6)])),
        ("average_at_birth", t.rule("average", vec![t.l(me(), "insured_months"), born(), num(6)])),
        ("everybodys_income", sum(each(union(vec![me(), parents()]), 1, |p| t.w(p, "quarter_income")))),
        ("unit", t.p("unit", vec![], None)),
        ("unit_at_birth", t.p("unit", vec![], Some(born()))),
        ("rate", t.p("rate", vec![number()], None)),
        ("weight", t.p("weight", vec![t.f(me(), "sex"), t.f(me(), "resident")], None)),
        ("norm", t.p("norm", vec![t.f(me(), "region")], Some(asked_on()))),
        ("pension_age", add(born(), t.p("pension_age", vec![t.f(me(), "sex")], None))),
        ("pension_day", t.reached_on("pension_age", vec![t.f(me(), "sex")], born())),
        ("of_pension_age", cmp(day(), ">=", t.reached_on("pension_age", vec![t.f(me(), "sex")], born()))),
        ("indexation", t.index("indexation", born(), day())),
        ("asked_in_time", in_range(asked_on(), born(), true, add(born(), span("P18M")), true)),
        ("window_days", cmp(sub(day(), span("P30D")), "<", last_day(quarter_before(born())))),
        ("as_of_asked", as_of(asked_on(), count(t.l(me(), "ties")))),
        ("as_of_birth_ties", as_of(born(), count(t.l(me(), "ties")))),
        ("as_of_birth_unit", as_of(born(), t.p("unit", vec![], None))),
        ("as_of_18", as_of(add(born(), span("P18Y")), t.w(me(), "student"))),
        ("as_of_death", as_of(died(), count(children()))),
        ("as_of_death_age", as_of(died(), t.w(me(), "age"))),
        ("as_of_many", as_of(born(), some(parents(), 1, |p| t.w(p, "alive")))),
    ]
}
