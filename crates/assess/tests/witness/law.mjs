// Evaluates the measures of a law pack with npm feelin, an evaluator of FEEL that is not ours, for
// families of whom everything is known, and compares with what our engine answered.
//
//   node law.mjs MODULES PACK < questions.json
//
// MODULES: the folder of node_modules. PACK: the folder of the pack; texts, parameters and tables are
// read from it here, by a reader of YAML that is not ours either. The questions carry the derived
// words of persons as values, and our answers. Prints each disagreement, then a line of counts.
//
// feelin differs from the law language on purpose, and this is how that is met:
// - binary floats: numbers are equal when they differ by less than a millionth;
// - `list[name]` and `list[call(…)]` are an index for it: such a filter is asked as `… = true`;
// - `p` and `p(date)` cannot be one name: a parameter is a function where the text calls it;
// - `age_on` is not a function of FEEL: it is asked in FEEL's own words;
// - an unknown name is nothing and a warning: here every warning is a disagreement.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, pack] = process.argv.slice(2);
const require = createRequire(join(modules, 'node_modules/.of-the-witness.js'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const [{ evaluate, unaryTest }, { parse }] = await Promise.all([load('feelin'), load('yaml')]);

const EQUAL = 1e-6;

// ── The pack ───────────────────────────────────────────────────────────────────────────────────

function folder(name) {
  const files = readdirSync(join(pack, name)).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => parse(readFileSync(join(pack, name, file), 'utf8')));
}

const roles = Object.fromEntries(folder('entities').flat().filter((entry) => entry.role).map((r) => [r.role, r]));
const shared = Object.fromEntries(folder('parameters').flat().map((entry) => [entry.parameter, entry]));
const measures = Object.fromEntries(folder('measures').map((measure) => [measure.measure, measure]));

// What this program would pass over in silence, in the measures that it is asked about.
const beyond = ['refusals', 'kinds'];
const amountBeyond = ['additions', 'at_least', 'at_most', 'indexed', 'withholds', 'divided'];
function measureOf(name) {
  const measure = measures[name];
  const found = [...beyond.filter((key) => measure[key]), ...amountBeyond.filter((key) => measure.amount[key])];
  if (found.length) throw new Error(`${name}: law.mjs does not evaluate ${found.join(', ')} yet`);
  return measure;
}

function feel(text, context) {
  const { value, warnings } = evaluate(text.replace(/\[([a-z_]+(?:\([^()]*\))?)\]/g, '[($1) = true]'), context);
  if (warnings.length) throw new Error(`${text}: ${warnings.map((warning) => warning.message).join('; ')}`);
  return value;
}

function constant(value, parameter) {
  if (parameter.type === 'duration') return feel(`@"${value}"`, {});
  return typeof value === 'string' && /^[0-9]/.test(value) ? Number(value) : value;
}

// The value of a parameter by keys, in the step of a day.
function valueOf(parameter, keys, day) {
  const from = Object.keys(parameter.values).filter((date) => date <= day).sort().pop();
  if (!from) throw new Error(`${parameter.title.en}: no value on ${day}`);
  const step = parameter.values[from];
  const value = step?.value ?? step;
  if (!parameter.by) return constant(value, parameter);
  const [row] = Object.entries(value).filter(([test]) => unaryTest(String(test), { '?': keys[0] }).value === true);
  return row ? constant(row[1], parameter) : null;
}

function textsOf(measure) {
  const branches = Object.values(measure.amount.branches).flatMap((branch) => [branch.when, branch.pays]);
  const conditions = Object.values(measure.conditions).map((condition) => condition.holds);
  return [measure.among, ...Object.values(measure.let ?? {}), ...conditions, ...branches].filter(Boolean).join('\n');
}

// ── A question ─────────────────────────────────────────────────────────────────────────────────

// Dates come as {"date": "2026-01-01"}.
function value(told) {
  if (Array.isArray(told)) return told.map(value);
  if (told && typeof told === 'object') {
    if (told.date) return feel(`@"${told.date}"`, {});
    return Object.fromEntries(Object.entries(told).map(([name, part]) => [name, value(part)]));
  }
  return told;
}

function contextOf(measure, question) {
  const context = value({ ...question.subject, day: question.day, asked_on: question.asked_on });
  context.age_on = (born, on) => feel('years and months duration(born, on).years', { born, on });
  const texts = textsOf(measure);
  for (const [name, parameter] of Object.entries({ ...shared, ...measure.parameters })) {
    if (!new RegExp(`\\b${name}\\b`).test(texts)) continue;
    if (!new RegExp(`\\b${name}\\(`).test(texts)) context[name] = valueOf(parameter, [], question.day.date);
    else if (parameter.by) context[name] = (key) => valueOf(parameter, [key], question.day.date);
    else context[name] = (date) => valueOf(parameter, [], date.toString());
  }
  for (const [name, text] of Object.entries(measure.let ?? {})) context[name] = feel(text, context);
  return context;
}

function rounded(amount, name, day) {
  if (!name) return amount;
  const how = valueOf(shared[name], [], day);
  if (how === 'up') return Math.ceil(amount - EQUAL);
  if (how === 'nearest') return Math.floor(amount + 0.5 + EQUAL);
  if (how === 'none') return amount;
  throw new Error(`${name}: law.mjs does not round ${how}`);
}

// What feelin answers, in the form in which ours is told.
function answer(measure, question) {
  const context = contextOf(measure, question);
  const truth = (text) => {
    const found = feel(text, context);
    if (typeof found !== 'boolean') throw new Error(`${text}: ${found}`);
    return found;
  };
  if (!truth(roles[measure.subject].where) || (measure.among && !truth(measure.among))) {
    return { outcome: 'not_concerned' };
  }
  const conditions = {};
  for (const [name, { holds }] of Object.entries(measure.conditions)) conditions[name] = truth(holds);
  if (!Object.values(conditions).every(Boolean)) return { outcome: 'not_eligible', conditions };
  const applying = Object.entries(measure.amount.branches).filter(([, branch]) => truth(branch.when));
  if (applying.length !== 1) throw new Error(`${applying.length} branches apply`);
  const [[branch, { pays }]] = applying;
  const exact = feel(pays, context);
  const amount = rounded(exact, measure.amount.rounding, question.day.date);
  const pays_to = [];
  for (const person of measure.pays_to.flatMap((text) => feel(text, context))) {
    if (!pays_to.includes(person.id)) pays_to.push(person.id);
  }
  return { outcome: 'eligible', conditions, branch, exact, amount, pays_to };
}

// ── The comparison ─────────────────────────────────────────────────────────────────────────────

function same(ours, theirs) {
  if (typeof ours === 'number' && typeof theirs === 'number') return Math.abs(ours - theirs) < EQUAL;
  if (ours === null || typeof ours !== 'object' || typeof theirs !== 'object') return ours === theirs;
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys].every((key) => same(ours[key], theirs[key]));
}

let disagreements = 0;
const counts = {};
const families = JSON.parse(readFileSync(0, 'utf8'));
for (const family of families) {
  for (const question of family.questions) {
    let theirs;
    try {
      theirs = answer(measureOf(question.measure), question);
    } catch (error) {
      theirs = { error: error.message };
    }
    const kind = `${question.measure} ${theirs.branch ?? theirs.outcome}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (!same(question.ours, theirs)) {
      disagreements += 1;
      const told = [question.ours, theirs].map((one) => JSON.stringify(one));
      console.log(`family ${family.seed}, ${question.measure}\n  ours   ${told[0]}\n  feelin ${told[1]}`);
    }
  }
}
console.log(JSON.stringify({ families: families.length, disagreements, counts }));
