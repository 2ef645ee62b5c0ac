/**
 * Rich dependencies (rpm.org, "Boolean dependencies"), read by the rules of rpm's lib/rpmds.c:
 *
 *     rich     = "(" operand *(operator operand) ")"
 *     operand  = rich | name [comparison version]
 *     operator = and | or | if | unless | else | with | without
 *
 * Which operators may meet is decided by what an operand leaves for the ones around it ("limits").
 */
import { isEvr } from './evr.js';

export interface RichRelation {
  /** As rpmbuild writes it: one space between words, no commas. */
  text: string;
  versions: string[];
}

export class RichRelationError extends Error {}

interface Limits {
  /** Holds an `if` or `else`, an `and` or an `unless`: not below `with` and `without`. */
  noWith: boolean;
  /** Holds an `unless` that isn't inside an `and` or `or`. */
  noAnd: boolean;
  /** Holds an `if` that isn't inside an `and` or `or`. */
  noOr: boolean;
}

const OPERATORS = ['and', 'or', 'if', 'unless', 'else', 'with', 'without'] as const;
const COMMA_BEHIND = new RegExp(String.raw`[\s)](${OPERATORS.join('|')}),`);
type Operator = (typeof OPERATORS)[number];
const COMPARISONS: Readonly<Record<string, string>> = {
  '<=': '<=',
  '=<': '<=',
  '<': '<',
  '==': '=',
  '=': '=',
  '>=': '>=',
  '=>': '>=',
  '>': '>',
};
/** An `if` in these would have to be an `unless`; in the other lists it is the other way round. */
const CONFLICTING = new Set(['conflicts', 'supplements', 'enhances']);

/** @param list - of the spec, such as `requires` @throws RichRelationError whose message says what is wrong */
export function parseRich(name: string, list: string): RichRelation {
  const { relation, limits } = parse(name);
  checkLimits(CONFLICTING.has(list) ? 'or' : 'and', limits);
  return relation;
}

/** Without the rules of a list; a name that can't be read is given as it is. */
export function normalizeRich(name: string): RichRelation {
  try {
    return parse(name).relation;
  } catch (error) {
    if (error instanceof RichRelationError) return { text: name, versions: [] };
    throw error;
  }
}

function parse(name: string): { relation: RichRelation; limits: Limits } {
  // rpm skips commas, but not behind an operator.
  const operator = COMMA_BEHIND.exec(name)?.[1];
  if (operator !== undefined) throw new RichRelationError(`a comma follows ${operator}`);
  const words = wordsOf(name);
  const relation: RichRelation = { text: '', versions: [] };
  const limits: Limits = { noWith: false, noAnd: false, noOr: false };
  parseGroup(words, relation, limits);
  const [left] = words;
  if (left !== undefined) throw new RichRelationError(`${JSON.stringify(left)} follows its end`);
  return { relation, limits };
}

/** Whether a relation may have the name, by its first character. */
export function startsName(text: string): boolean {
  return /^[A-Za-z0-9_/\u0080-\u{10ffff}]/u.test(text);
}

/** Parentheses that enclose operands are words of their own; names contain pairs: libz.so.1()(64bit). */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = at + 1;
    if (/[^\s,()]/.test(text.charAt(at))) end = endOfName(text, at);
    const word = text.slice(at, end);
    if (!/^[\s,]/.test(word)) words.push(word);
    at = end;
  }
  return words;
}

function endOfName(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (; at < text.length && !/[\s,]/.test(text.charAt(at)); at++) {
    if (text.charAt(at) === ')' && depth-- <= 0) break;
    if (text.charAt(at) === '(') depth++;
  }
  return at;
}

function parseGroup(words: string[], relation: RichRelation, limits: Limits): void {
  words.shift();
  relation.text += '(';
  let chain: Operator | undefined;
  let first: Operator | undefined;
  let last: Operator | undefined;
  for (;;) {
    parseOperand(words, relation, { limits, after: last });
    const word = words.shift();
    if (word === undefined) throw new RichRelationError('it has no closing parenthesis');
    if (word === ')') break;
    last = operatorOf(word);
    first ??= last;
    chain = chainOf(chain, last);
    relation.text += ` ${last} `;
  }
  if (first !== undefined) checkLimits(first, limits);
  limitOthers(limits, first, last);
  relation.text += ')';
}

function parseOperand(
  words: string[],
  relation: RichRelation,
  group: { limits: Limits; after: Operator | undefined },
): void {
  const [word] = words;
  if (word === ')')
    throw new RichRelationError(`an operand is missing${group.after === undefined ? '' : ` after ${group.after}`}`);
  if (word !== '(') {
    parseSimple(words, relation);
    return;
  }
  const inner: Limits = { noWith: false, noAnd: false, noOr: false };
  parseGroup(words, relation, inner);
  const frees = group.after === 'if' || group.after === 'unless';
  group.limits.noWith ||= inner.noWith;
  group.limits.noAnd ||= inner.noAnd && !frees;
  group.limits.noOr ||= inner.noOr && !frees;
}

function parseSimple(words: string[], relation: RichRelation): void {
  const name = words.shift() ?? '';
  if (!startsName(name))
    throw new RichRelationError(`the name ${JSON.stringify(name)} starts with neither letter, digit, _ nor /`);
  relation.text += name;
  const comparison = COMPARISONS[words[0] ?? ''];
  if (comparison === undefined) return;
  words.shift();
  const version = words.shift() ?? '';
  if (!isEvr(version))
    throw new RichRelationError(`the version of ${name} is ${JSON.stringify(version)}, not [epoch:]version[-release]`);
  if (name.startsWith('/')) throw new RichRelationError(`${name} is a file with a version`);
  relation.text += ` ${comparison} ${version}`;
  relation.versions.push(version);
}

function operatorOf(word: string): Operator {
  const found = OPERATORS.find((one) => one === word);
  if (found === undefined)
    throw new RichRelationError(`${JSON.stringify(word)} is in the place of an operator (${OPERATORS.join(', ')})`);
  return found;
}

/** The operator that must follow: `and`, `or` and `with` repeat, `else` follows an `if` or `unless` once. */
function chainOf(chain: Operator | undefined, operator: Operator): Operator {
  if (chain === undefined || (operator === 'else' && (chain === 'if' || chain === 'unless'))) return operator;
  if (operator !== chain || !['and', 'or', 'with'].includes(operator))
    throw new RichRelationError(`${operator} follows ${chain} without parentheses`);
  return operator;
}

function checkLimits(operator: Operator, { noWith, noAnd, noOr }: Limits): void {
  if ((operator === 'with' || operator === 'without') && noWith)
    throw new RichRelationError(`${operator} holds another operator than with, without and or`);
  if ((operator === 'and' || operator === 'if') && noAnd)
    throw new RichRelationError("it has 'unless' where rpm wants 'or' or 'if'");
  if ((operator === 'or' || operator === 'unless') && noOr)
    throw new RichRelationError("it has 'if' where rpm wants 'and' or 'unless'");
}

function limitOthers(limits: Limits, first: Operator | undefined, last: Operator | undefined): void {
  if (first === 'if') limits.noOr = true;
  if (first === 'unless') limits.noAnd = true;
  if (last === 'and' || last === 'or') limits.noAnd = limits.noOr = false;
  if (last !== undefined && last !== 'with' && last !== 'without' && last !== 'or') limits.noWith = true;
}
