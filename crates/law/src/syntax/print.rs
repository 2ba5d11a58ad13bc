use std::fmt::Write;

use super::{Among, Ast, Interval, Syntax, Test};

/// The tree as text, to compare with the trees of other parsers of FEEL.
pub fn s_expression(ast: &Ast) -> String {
    let s = s_expression;
    match &ast.node {
        Syntax::Number(text) => format!("(num {text})"),
        Syntax::Text(text) => format!("(text \"{text}\")"),
        Syntax::At(text) => format!("(at \"{text}\")"),
        Syntax::Bool(value) => format!("(bool {value})"),
        Syntax::Name(name) => format!("(name {name})"),
        Syntax::Path(of, name) => format!("(path {} {})", s(of), name.text),
        Syntax::Filter(list, when) => format!("(filter {} {})", s(list), s(when)),
        Syntax::Call(name, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(s).collect();
            format!("(call {} {})", name.text, arguments.join(" "))
        }
        Syntax::Neg(of) => format!("(neg {})", s(of)),
        Syntax::Binary(operator, left, right) => format!("({} {} {})", operator.sign(), s(left), s(right)),
        Syntax::In(value, among) => {
            let among = match &**among {
                Among::Values(values) => values.iter().map(s).collect::<Vec<_>>().join(" "),
                Among::Range(interval) => range(interval),
                Among::Expression(list) => s(list),
            };
            format!("(in {} {among})", s(value))
        }
        Syntax::If(when, yes, no) => format!("(if {} {} {})", s(when), s(yes), s(no)),
        Syntax::Some(name, list, when) => format!("(some {} {} {})", name.text, s(list), s(when)),
        Syntax::Every(name, list, when) => format!("(every {} {} {})", name.text, s(list), s(when)),
        Syntax::Group(of) => format!("(group {})", s(of)),
    }
}

/// The unary tests of a table's key as text, as [`s_expression`].
pub fn test_s_expression(tests: &[Test]) -> String {
    let one = |test: &Test| match test {
        Test::Value(value) => s_expression(value),
        Test::Range(interval) => range(interval),
        Test::Compare(operator, value) => format!("({} {})", operator.sign(), s_expression(value)),
    };
    let all: Vec<String> = tests.iter().map(one).collect();
    format!("(tests {})", all.join(" "))
}

fn range(interval: &Interval) -> String {
    format!(
        "(range {} {} {} {})",
        if interval.lo_included { "[" } else { "(" },
        s_expression(&interval.lo),
        s_expression(&interval.hi),
        if interval.hi_included { "]" } else { ")" },
    )
}

/// The expression as people write it: one blank around operators, no other change.
pub fn pretty(ast: &Ast) -> String {
    let mut text = String::new();
    write(ast, &mut text);
    text
}

fn write(ast: &Ast, out: &mut String) {
    let _infallible = match &ast.node {
        Syntax::Number(text) | Syntax::Name(text) => write!(out, "{text}"),
        Syntax::Text(text) => write!(out, "\"{text}\""),
        Syntax::At(text) => write!(out, "@\"{text}\""),
        Syntax::Bool(value) => write!(out, "{value}"),
        Syntax::Path(of, name) => write!(out, "{}.{}", pretty(of), name.text),
        Syntax::Filter(list, when) => write!(out, "{}[{}]", pretty(list), pretty(when)),
        Syntax::Call(name, arguments) => write!(out, "{}({})", name.text, joined(arguments)),
        Syntax::Neg(of) => write!(out, "-{}", pretty(of)),
        Syntax::Binary(operator, left, right) => {
            write!(out, "{} {} {}", pretty(left), operator.sign(), pretty(right))
        }
        Syntax::In(value, among) => match &**among {
            Among::Values(values) => write!(out, "{} in ({})", pretty(value), joined(values)),
            Among::Range(interval) => write!(
                out,
                "{} in {}{}..{}{}",
                pretty(value),
                if interval.lo_included { "[" } else { "(" },
                pretty(&interval.lo),
                pretty(&interval.hi),
                if interval.hi_included { "]" } else { ")" },
            ),
            Among::Expression(list) => write!(out, "{} in {}", pretty(value), pretty(list)),
        },
        Syntax::If(when, yes, no) => {
            write!(out, "if {} then {} else {}", pretty(when), pretty(yes), pretty(no))
        }
        Syntax::Some(name, list, when) => {
            write!(out, "some {} in {} satisfies {}", name.text, pretty(list), pretty(when))
        }
        Syntax::Every(name, list, when) => {
            write!(out, "every {} in {} satisfies {}", name.text, pretty(list), pretty(when))
        }
        Syntax::Group(of) => write!(out, "({})", pretty(of)),
    };
}

fn joined(parts: &[Ast]) -> String {
    parts.iter().map(pretty).collect::<Vec<_>>().join(", ")
}
