use std::ops::Range;

use super::{
    Among, Ast, COMPARISON, Interval, NEGATION, Name, Operator, ParseError, Syntax, Test,
    lexer::{Token, tokens},
};

/// How deep brackets may nest: far beyond what anybody can read aloud.
const DEEPEST: usize = 48;

/// How many words and signs an expression may have.
const LONGEST: usize = 500;

/// Reads an expression.
pub fn parse(text: &str) -> Result<Ast, ParseError> {
    let mut parser = Parser::new(text)?;
    let ast = parser.expression()?;
    parser.end()?;
    Ok(ast)
}

/// Reads the unary tests of a table's key: one or more, separated by commas.
pub fn parse_test(text: &str) -> Result<Vec<Test>, ParseError> {
    let mut parser = Parser::new(text)?;
    let mut tests = vec![parser.test()?];
    while parser.eat(",") {
        tests.push(parser.test()?);
    }
    parser.end()?;
    Ok(tests)
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn new(text: &str) -> Result<Self, ParseError> {
        let tokens = tokens(text)?;
        if tokens.len() == 1 {
            return Err(ParseError::new(0..text.len(), "an expression is missing"));
        }
        if tokens.len() > LONGEST {
            return Err(ParseError::new(
                tokens[LONGEST].1.clone(),
                format!("more than {LONGEST} words and signs"),
            )
            .mend("give a part of it a name with `let` or a derived word"));
        }
        Ok(Self { tokens, next: 0, depth: 0 })
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }

    fn advance(&mut self) -> (Token, Range<usize>) {
        let token = self.tokens[self.next].clone();
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    fn sees(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) | Token::Word(s) if *s == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let seen = self.sees(sign);
        if seen {
            self.advance();
        }
        seen
    }

    fn expect(&mut self, sign: &str, because: &str) -> Result<usize, ParseError> {
        let at = self.at();
        if self.eat(sign) {
            return Ok(at.end);
        }
        Err(ParseError::new(at, format!("{} stands where `{sign}` {because}", self.peek().shown())))
    }

    fn end(&self) -> Result<(), ParseError> {
        match self.peek() {
            Token::End => Ok(()),
            other => {
                let error =
                    ParseError::new(self.at(), format!("{} follows a finished expression", other.shown()));
                Err(match other {
                    Token::Sign("=") => error.mend("a comparison has two sides; join two with `and`"),
                    _ => error,
                })
            }
        }
    }

    /// An expression, `if`, `some` and `every` included.
    fn expression(&mut self) -> Result<Ast, ParseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ParseError::new(self.at(), format!("brackets nest deeper than {DEEPEST}"))
                .mend("give a part of it a name with `let` or a derived word"));
        }
        let parsed = match self.peek() {
            Token::Word("if") => self.choice(),
            Token::Word("some") => self.quantified(Syntax::Some),
            Token::Word("every") => self.quantified(Syntax::Every),
            _ => self.binary(0),
        };
        self.depth -= 1;
        parsed
    }

    fn choice(&mut self) -> Result<Ast, ParseError> {
        let start = self.advance().1.start;
        let condition = self.expression()?;
        self.expect("then", "belongs to `if`")?;
        let yes = self.expression()?;
        self.expect("else", "belongs to `if`")?;
        let no = self.expression()?;
        let at = start..no.at.end;
        Ok(Ast { node: Syntax::If(Box::new(condition), Box::new(yes), Box::new(no)), at })
    }

    fn quantified(&mut self, make: fn(Name, Box<Ast>, Box<Ast>) -> Syntax) -> Result<Ast, ParseError> {
        let start = self.advance().1.start;
        let name = self.name("is the name of a row")?;
        self.expect("in", "names the list")?;
        let list = self.expression()?;
        self.expect("satisfies", "begins the condition")?;
        let condition = self.expression()?;
        let at = start..condition.at.end;
        Ok(Ast { node: make(name, Box::new(list), Box::new(condition)), at })
    }

    fn name(&mut self, because: &str) -> Result<Name, ParseError> {
        match self.advance() {
            (Token::Name(text), at) => Ok(Name { text, at }),
            (other, at) => {
                Err(ParseError::new(at, format!("{} stands where a name {because}", other.shown())))
            }
        }
    }

    fn binary(&mut self, weakest: u8) -> Result<Ast, ParseError> {
        let mut left = self.unary()?;
        loop {
            if self.sees("in") && COMPARISON > weakest {
                left = self.membership(left)?;
                self.no_second_comparison()?;
                continue;
            }
            let Some(operator) = self.operator() else { return Ok(left) };
            let strength = operator.strength();
            if strength <= weakest {
                return Ok(left);
            }
            self.advance();
            let right = self.binary(strength)?;
            let at = left.at.start..right.at.end;
            left = Ast { node: Syntax::Binary(operator, Box::new(left), Box::new(right)), at };
            if strength == COMPARISON {
                self.no_second_comparison()?;
            }
        }
    }

    fn no_second_comparison(&self) -> Result<(), ParseError> {
        let again = self.sees("in") || self.operator().is_some_and(|o| o.strength() == COMPARISON);
        if again {
            return Err(ParseError::new(self.at(), "a comparison has two sides")
                .mend("join two comparisons with `and`, or write `x in [a..b]`"));
        }
        Ok(())
    }

    fn operator(&self) -> Option<Operator> {
        use Operator as O;
        let (Token::Sign(sign) | Token::Word(sign)) = self.peek() else { return None };
        [
            O::Or,
            O::And,
            O::Equal,
            O::NotEqual,
            O::Less,
            O::AtMost,
            O::Greater,
            O::AtLeast,
            O::Add,
            O::Sub,
            O::Mul,
            O::Div,
        ]
        .into_iter()
        .find(|o| o.sign() == *sign)
    }

    /// `value in …`. After a range, a window or a list of rows neither `and` nor `or` may follow
    /// without brackets, since parsers of FEEL disagree about what belongs to what.
    fn membership(&mut self, value: Ast) -> Result<Ast, ParseError> {
        let start = value.at.start;
        self.advance();
        let (among, end) = self.among()?;
        if !matches!(among, Among::Values(_)) && (self.sees("and") || self.sees("or")) {
            let word = self.peek().shown();
            return Err(ParseError::new(start..self.at().end, format!("`in` before {word} needs brackets"))
                .mend(format!("write `(x in …)` around the part before {word}")));
        }
        Ok(Ast { node: Syntax::In(Box::new(value), Box::new(among)), at: start..end })
    }

    fn among(&mut self) -> Result<(Among, usize), ParseError> {
        if !self.sees("(") && !self.sees("[") {
            let list = self.binary(COMPARISON)?;
            let end = list.at.end;
            return Ok((Among::Expression(list), end));
        }
        let open = self.advance().0;
        let first = self.expression()?;
        if self.eat("..") {
            let (interval, end) = self.interval(first, open == Token::Sign("["))?;
            return Ok((Among::Range(interval), end));
        }
        if open == Token::Sign("[") {
            return Err(ParseError::new(self.at(), "a range has two ends")
                .mend("write `[a..b]`, or `(x, y)` for single values"));
        }
        let mut values = vec![first];
        while self.eat(",") {
            values.push(self.expression()?);
        }
        let end = self.expect(")", "closes the values")?;
        Ok((Among::Values(values), end))
    }

    /// After `[a..`.
    fn interval(&mut self, lo: Ast, lo_included: bool) -> Result<(Interval, usize), ParseError> {
        let hi = self.expression()?;
        let (close, at) = self.advance();
        let hi_included = match close {
            Token::Sign("]") => true,
            Token::Sign(")") => false,
            other => {
                return Err(ParseError::new(
                    at,
                    format!("{} stands where `]` or `)` closes the range", other.shown()),
                ));
            }
        };
        Ok((Interval { lo, lo_included, hi, hi_included }, at.end))
    }

    fn unary(&mut self) -> Result<Ast, ParseError> {
        if self.sees("-") {
            let (_, Range { start, end }) = self.advance();
            if self.sees("-") {
                return Err(ParseError::new(start..end, "two minus signs cancel").mend("leave both out"));
            }
            let operand = self.binary(NEGATION)?;
            let at = start..operand.at.end;
            return Ok(Ast { node: Syntax::Neg(Box::new(operand)), at });
        }
        let mut ast = self.primary()?;
        loop {
            if self.eat(".") {
                let name = self.name("of a field follows")?;
                let at = ast.at.start..name.at.end;
                ast = Ast { node: Syntax::Path(Box::new(ast), name), at };
            } else if self.eat("[") {
                let condition = self.expression()?;
                let end = self.expect("]", "closes the filter")?;
                let at = ast.at.start..end;
                ast = Ast { node: Syntax::Filter(Box::new(ast), Box::new(condition)), at };
            } else {
                return Ok(ast);
            }
        }
    }

    fn primary(&mut self) -> Result<Ast, ParseError> {
        let (token, at) = self.advance();
        let node = match token {
            Token::Number(text) => Syntax::Number(text),
            Token::Text(text) => Syntax::Text(text),
            Token::At(text) => Syntax::At(text),
            Token::Word("true") => Syntax::Bool(true),
            Token::Word("false") => Syntax::Bool(false),
            Token::Name(text) if self.sees("(") => return self.call(Name { text, at }),
            Token::Name(text) => Syntax::Name(text),
            Token::Sign("(") => {
                let inner = self.expression()?;
                let end = self.expect(")", "closes the bracket")?;
                return Ok(Ast { node: Syntax::Group(Box::new(inner)), at: at.start..end });
            }
            Token::Word(word @ ("if" | "some" | "every")) => {
                return Err(ParseError::new(at, format!("`{word}` inside an expression needs brackets"))
                    .mend(format!("write `({word} …)`")));
            }
            Token::End => return Err(ParseError::new(at, "the expression ends too early")),
            other => {
                return Err(ParseError::new(
                    at,
                    format!("{} stands where a value is missing", other.shown()),
                ));
            }
        };
        Ok(Ast { node, at })
    }

    fn call(&mut self, name: Name) -> Result<Ast, ParseError> {
        self.advance();
        let mut arguments = vec![self.expression()?];
        while self.eat(",") {
            arguments.push(self.expression()?);
        }
        let end = self.expect(")", "closes the arguments")?;
        let at = name.at.start..end;
        Ok(Ast { node: Syntax::Call(name, arguments), at })
    }

    fn test(&mut self) -> Result<Test, ParseError> {
        if let Some(operator) = self.operator().filter(|o| o.strength() == COMPARISON) {
            self.advance();
            return Ok(Test::Compare(operator, self.binary(COMPARISON)?));
        }
        if self.sees("[") || self.sees("(") {
            let open = self.advance().0;
            let lo = self.binary(COMPARISON)?;
            self.expect("..", "joins the ends of a range")?;
            return Ok(Test::Range(self.interval(lo, open == Token::Sign("["))?.0));
        }
        Ok(Test::Value(self.binary(COMPARISON)?))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::s_expression, *};

    #[test]
    fn operators_bind_as_in_feel() {
        for (text, tree) in [
            ("a or b and c", "(or (name a) (and (name b) (name c)))"),
            ("-a + b * c", "(+ (neg (name a)) (* (name b) (name c)))"),
            ("a - b - c", "(- (- (name a) (name b)) (name c))"),
            ("a + 1 < b", "(< (+ (name a) (num 1)) (name b))"),
            ("a.b[c = \"x\"].d", "(path (filter (path (name a) b) (= (name c) (text \"x\"))) d)"),
            ("x in (1, 2) and y", "(and (in (name x) (num 1) (num 2)) (name y))"),
            ("x in (a..b + 1]", "(in (name x) (range ( (name a) (+ (name b) (num 1)) ]))"),
        ] {
            assert_eq!(s_expression(&parse(text).unwrap()), tree, "{text}");
        }
    }

    #[test]
    fn faults_point_at_their_place() {
        for (text, at, message) in [
            ("x in [1..2] and y", 0..15, "`in` before `and` needs brackets"),
            ("a < b < c", 6..7, "a comparison has two sides"),
            ("a and if b then c else d", 6..8, "`if` inside an expression needs brackets"),
            ("(a", 2..2, "the end stands where `)` closes the bracket"),
            ("a b", 2..3, "`b` follows a finished expression"),
            ("x = null", 4..8, "the law language has no `null`"),
            ("", 0..0, "an expression is missing"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(parse(&deep).unwrap_err().message.starts_with("more than 500"));
        let deep = format!("{}a{}", "(".repeat(200), ")".repeat(200));
        assert!(parse(&deep).unwrap_err().message.starts_with("brackets nest deeper"));
        assert!(parse("--a").is_err());
    }
}
