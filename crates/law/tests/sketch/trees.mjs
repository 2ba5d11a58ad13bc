// Reads lines of `expression<TAB>text` or `test<TAB>text`, writes each with its tree as lezer-feel
// sees it, in the s-expressions of law::syntax.
import { readFileSync } from 'node:fs';
import { parser } from 'lezer-feel';

const parsers = {
  expression: parser.configure({ top: 'Expression' }),
  test: parser.configure({ top: 'UnaryTests' }),
};

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function tree(node, text) {
  const raw = text.slice(node.from, node.to);
  const parts = children(node);
  const one = (child) => tree(child, text);
  switch (node.name) {
    case 'Expression':
    case 'PositiveUnaryTest':
      return one(parts[0]);
    case 'UnaryTests':
      return `(tests ${one(parts[0])})`;
    case 'PositiveUnaryTests':
      return parts.map(one).join(' ');
    case 'SimplePositiveUnaryTest':
      if (parts[0].name === 'CompareOp') return `(${text.slice(parts[0].from, parts[0].to)} ${one(parts[1])})`;
      return one(parts[0]);
    case 'Interval': {
      const [open, lo, , hi, close] = parts;
      return `(range ${open.name} ${one(lo)} ${one(hi)} ${close.name})`;
    }
    case 'NumericLiteral':
      return raw.startsWith('-') ? `(neg (num ${raw.slice(1).trim()}))` : `(num ${raw})`;
    case 'StringLiteral':
      return `(text ${raw})`;
    case 'BooleanLiteral':
      return `(bool ${raw})`;
    case 'DateTimeLiteral':
      return `(at ${raw.slice(1)})`;
    case 'VariableName':
      return `(name ${raw})`;
    case 'PathExpression':
      return `(path ${one(parts[0])} ${text.slice(parts[2].from, parts[2].to)})`;
    case 'FilterExpression':
      return `(filter ${one(parts[0])} ${one(parts[2])})`;
    case 'ParenthesizedExpression':
      return `(group ${one(parts[1])})`;
    case 'FunctionInvocation': {
      const parameters = parts.find((part) => part.name === 'PositionalParameters');
      const name = text.slice(parts[0].from, parts[0].to);
      return `(call ${name} ${children(parameters).map(one).join(' ')})`;
    }
    case 'ArithmeticExpression': {
      if (parts.length === 2) return `(neg ${one(parts[1])})`;
      return `(${text.slice(parts[1].from, parts[1].to)} ${one(parts[0])} ${one(parts[2])})`;
    }
    case 'Conjunction':
    case 'Disjunction':
      return `(${parts[1].name} ${one(parts[0])} ${one(parts[2])})`;
    case 'Comparison': {
      if (parts[1].name !== 'in') return `(${text.slice(parts[1].from, parts[1].to)} ${one(parts[0])} ${one(parts[2])})`;
      const tests = parts.slice(2).filter((part) => part.name.startsWith('Positive'));
      return `(in ${one(parts[0])} ${tests.map(one).join(' ')})`;
    }
    case 'IfExpression':
      return `(if ${one(parts[1])} ${one(parts[3])} ${one(parts[5])})`;
    case 'QuantifiedExpression': {
      const [variable] = children(parts[1]);
      const [name, , context] = children(variable);
      const list = children(context)[0];
      return `(${parts[0].name} ${text.slice(name.from, name.to)} ${one(list)} ${one(parts[3])})`;
    }
    default:
      throw new Error(`${node.name} in ${JSON.stringify(text)}: this tree has no s-expression yet`);
  }
}

for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const tab = line.indexOf('\t');
  const [kind, text] = [line.slice(0, tab), line.slice(tab + 1)];
  console.log(`${line}\t${tree(parsers[kind].parse(text).topNode, text)}`);
}
