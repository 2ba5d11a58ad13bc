//! Properties of the text of the language.

use law::syntax::{Ast, parse, parse_test, pretty, s_expression};
use proptest::prelude::*;

/// Texts of expressions, built from their parts.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-d]",
        "[0-9]{1,3}(\\.[0-9]{1,2})?",
        Just("\"text\"".to_owned()),
        Just("@\"P18M\"".to_owned()),
        Just("@\"2026-01-01\"".to_owned()),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operator =
            prop::sample::select(vec!["+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=", "and", "or"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("({a}) {o} ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}].c")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("f({a}, {b})")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(if {a} then {b} else {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(some x in ({a}) satisfies {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(every x in ({a}) satisfies {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(({a}) in ({b}, {c}))")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(({a}) in [{b}..{c}))")),
        ]
    })
}

/// Everything in a tree stands within its parent's place.
fn nested(ast: &Ast, text: &str) -> bool {
    text.get(ast.at.clone())
        .is_some_and(|own| parse(own).is_ok_and(|again| s_expression(&again) == s_expression(ast)))
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(text in expression()) {
        if let Ok(ast) = parse(&text) {
            let again = parse(&pretty(&ast)).unwrap();
            prop_assert_eq!(s_expression(&again), s_expression(&ast));
            prop_assert!(nested(&ast, &text));
        }
    }

    #[test]
    fn most_built_texts_are_expressions(text in "[a-d]( (and|or|[+]) [a-d]){0,20}") {
        prop_assert!(parse(&text).is_ok());
    }

    #[test]
    fn garbage_is_refused_or_read_and_never_panics(text in "\\PC{0,80}") {
        let _either = (parse(&text), parse_test(&text));
    }

    #[test]
    fn words_in_any_order_never_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", "1", "\"x\"", "@\"P1D\"", "(", ")", "[", "]", "..", ".", ",", "and", "or", "in", "if", "then", "else",
                "some", "every", "satisfies", "not", "-", "+", "=", "<", ">=",
            ]),
            0..40,
        ),
    ) {
        let text = words.join(" ");
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.at).is_some());
        }
    }

    #[test]
    fn a_pack_of_garbage_never_panics(text in "\\PC{0,60}", at in 0usize..4000) {
        let mut sources = crate::folder::sources("small");
        let file = at % sources.len();
        let place = (0..=at.min(sources[file].text.len())).rev().find(|at| sources[file].text.is_char_boundary(*at));
        sources[file].text.insert_str(place.unwrap_or(0), &text);
        let _either = law::load(&sources);
    }
}
