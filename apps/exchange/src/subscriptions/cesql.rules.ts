import { likeMatcher } from './cesql-like.rules';
import {
  arithmetic,
  bounded,
  CesqlError,
  comparisons,
  equals,
  functions,
  inRange,
  toBoolean,
  toInteger,
  toText,
  type Value,
} from './cesql-values.rules';

/** Characters of an expression, and levels of parentheses and calls in it, at most. */
const [maxLength, maxDepth] = [2_000, 16];
/** Characters of the longest pattern. */
const maxPattern = 200;

/** What is wrong with an expression, for its author. */
export class CesqlFault extends Error {}

type Visible = ReadonlyMap<string, string>;
type Expression = (visible: Visible) => Value;
type Token = { kind: 'text' | 'integer' | 'word' | 'sign' | 'end'; value: string };

/**
 * A condition in CESQL over what filters see of an event; true only when its value is the boolean true and no error arose.
 *
 * Shape: comparisons, `AND` `OR` `XOR` `NOT`, `LIKE`, `IN`, `EXISTS`, arithmetic and the functions of the standard.
 *   `AND`, `OR` and `XOR` next to each other need parentheses, because text and grammar of the standard differ there.
 *   Names are those that filters see, so that fields of `data` count as attributes; names may hold `_`.
 * Errors: `CesqlFault` for what does not parse, more than 2,000 characters or 16 levels, and a function that is unknown or
 *   called with a wrong number of values: it would be an error of each evaluation, which its author would never see.
 * Source: CloudEvents SQL Expression Language 1.0.0; errors are found when it is compiled where they can be (3.3).
 */
export function compileCesql(expression: string): (visible: Visible) => boolean {
  if (expression.length > maxLength) throw new CesqlFault(`is longer than ${maxLength} characters`);
  const evaluate = new Parser(tokensOf(expression)).parse();
  return (visible) => {
    try {
      return evaluate(visible) === true;
    } catch (error) {
      if (error instanceof CesqlError) return false;
      throw error;
    }
  };
}

const lexeme =
  /\s*(?:('(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(\d+)\b|([A-Za-z0-9]\w*)|(!=|<>|<=|>=|[=<>+\-*/%(),]))/y;

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  lexeme.lastIndex = 0;
  let at = 0;
  while (expression.slice(at).trim() !== '') {
    lexeme.lastIndex = at;
    const found = lexeme.exec(expression);
    if (!found) throw new CesqlFault(`cannot be read from character ${at + 1} on`);
    at = lexeme.lastIndex;
    const [, text, integer, word, sign = ''] = found;
    if (text !== undefined) tokens.push({ kind: 'text', value: unquoted(text) });
    else if (integer !== undefined) tokens.push({ kind: 'integer', value: integer });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: 'sign', value: sign });
  }
  return tokens;
}

// The backslash escapes the delimiter alone: patterns of LIKE have a use for the others.
const unquoted = (text: string): string => text.slice(1, -1).replaceAll(`\\${text.charAt(0)}`, text.charAt(0));

const reserved = new Set(['AND', 'OR', 'XOR', 'NOT', 'LIKE', 'IN', 'EXISTS', 'TRUE', 'FALSE']);

/** Recursive descent, from the operators that bind least to those that bind most. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  parse(): Expression {
    const whole = this.logic();
    if (this.next.kind !== 'end') throw this.unexpected();
    return whole;
  }

  private logic(): Expression {
    let left = this.comparison();
    let joined: string | undefined;
    for (let word = this.word('AND', 'OR', 'XOR'); word; word = this.word('AND', 'OR', 'XOR')) {
      if (joined !== undefined && joined !== word)
        throw new CesqlFault(`needs parentheses around ${joined} or ${word}`);
      joined = word;
      left = joinedBy(word, left, this.comparison());
    }
    return left;
  }

  private comparison(): Expression {
    let left = this.sum();
    for (let sign = this.sign('=', '!=', '<>', '<', '<=', '>', '>='); sign;) {
      const [a, b, compare] = [left, this.sum(), comparisons[sign]];
      left = (visible) => compare?.(a(visible), b(visible)) ?? false;
      sign = this.sign('=', '!=', '<>', '<', '<=', '>', '>=');
    }
    return left;
  }

  private sum(): Expression {
    return this.calculation(['+', '-'], () => this.calculation(['*', '/', '%'], () => this.membership()));
  }

  private calculation(signs: string[], operand: () => Expression): Expression {
    let left = operand();
    for (let sign = this.sign(...signs); sign; sign = this.sign(...signs)) {
      const [a, b, calculate] = [left, operand(), arithmetic[sign]];
      left = (visible) => calculate?.(toInteger(a(visible)), toInteger(b(visible))) ?? 0;
    }
    return left;
  }

  // `IN` binds less than `LIKE`: each is taken as often as it comes.
  private membership(): Expression {
    let left = this.likeness();
    for (;;) {
      const isNot = this.isNotBefore('IN');
      if (!this.word('IN')) return left;
      const [value, set] = [left, this.list()];
      if (set.length === 0) throw new CesqlFault('has an empty set behind IN');
      left = (visible) => {
        const found = value(visible);
        return set.some((one) => equals(one(visible), found)) !== isNot;
      };
    }
  }

  private likeness(): Expression {
    let left = this.unary();
    for (;;) {
      const isNot = this.isNotBefore('LIKE');
      if (!this.word('LIKE')) return left;
      const { kind, value: pattern } = this.take();
      if (kind !== 'text') throw new CesqlFault('has no text behind LIKE');
      if (pattern.length > maxPattern) throw new CesqlFault(`has a pattern of more than ${maxPattern} characters`);
      const [value, matches] = [left, likeMatcher(pattern)];
      left = (visible) => matches(toText(value(visible))) !== isNot;
    }
  }

  private unary(): Expression {
    // A sign before digits is part of the integer: only with it has the least of 32 bits a place among them.
    const ofInteger = this.tokens[this.at + 1]?.kind === 'integer' ? this.sign('-', '+') : undefined;
    if (ofInteger !== undefined) return constant(ofInteger + this.take().value);
    const sign = this.word('NOT') ?? this.sign('-');
    if (sign === undefined) return this.primary();
    const operand = this.deeper(() => this.unary());
    return sign === '-'
      ? (visible) => inRange(-toInteger(operand(visible)))
      : (visible) => !toBoolean(operand(visible));
  }

  private primary(): Expression {
    if (this.sign('(')) {
      const inner = this.deeper(() => this.logic());
      this.expect(')');
      return inner;
    }
    // Of a name alone, so that it stands wherever a value does, also behind `NOT`.
    if (this.word('EXISTS')) {
      const name = this.name();
      return (visible) => visible.has(name);
    }
    const { kind, value } = this.next;
    if (kind === 'text' || kind === 'integer') {
      this.at += 1;
      return kind === 'text' ? () => value : constant(value);
    }
    const isTrue = this.word('TRUE', 'FALSE');
    if (isTrue) return () => isTrue === 'TRUE';
    const after = this.tokens[this.at + 1];
    if (kind === 'word' && after?.kind === 'sign' && after.value === '(') return this.call();
    const name = this.name();
    return (visible) => {
      const found = visible.get(name);
      if (found === undefined) throw new CesqlError('missing attribute');
      // Here and not in each operator, of which an expression may have hundreds.
      return bounded(found);
    };
  }

  private call(): Expression {
    const name = this.take().value.toUpperCase();
    const given = this.list();
    const called = functions.get(name);
    if (!called) throw new CesqlFault(`calls a function that is not known here: ${name.slice(0, 40)}`);
    if (given.length < called.min || given.length > called.max)
      throw new CesqlFault(`gives ${name} a wrong number of values`);
    return (visible) => called.of(...given.map((one) => one(visible)));
  }

  /** Expressions between parentheses, none or more. */
  private list(): Expression[] {
    this.expect('(');
    if (this.sign(')')) return [];
    const items = [this.deeper(() => this.logic())];
    while (this.sign(',')) items.push(this.deeper(() => this.logic()));
    this.expect(')');
    return items;
  }

  private name(): string {
    const { kind, value } = this.next;
    if (kind !== 'word' || reserved.has(value.toUpperCase())) throw this.unexpected();
    this.at += 1;
    return value.toLowerCase();
  }

  private isNotBefore(word: string): boolean {
    const [first, second] = [this.next, this.tokens[this.at + 1]];
    const isIt = isWord(first, 'NOT') && second !== undefined && isWord(second, word);
    if (isIt) this.at += 1;
    return isIt;
  }

  private deeper<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > maxDepth) throw new CesqlFault(`has more than ${maxDepth} levels`);
    const parsed = parse();
    this.depth -= 1;
    return parsed;
  }

  private get next(): Token {
    return this.tokens[this.at] ?? { kind: 'end', value: '' };
  }

  private take(): Token {
    const token = this.next;
    this.at += 1;
    return token;
  }

  private word(...words: string[]): string | undefined {
    const found = words.find((word) => isWord(this.next, word));
    if (found !== undefined) this.at += 1;
    return found;
  }

  private sign(...signs: string[]): string | undefined {
    const { kind, value } = this.next;
    if (kind !== 'sign' || !signs.includes(value)) return undefined;
    this.at += 1;
    return value;
  }

  private expect(sign: string): void {
    if (!this.sign(sign)) throw this.unexpected();
  }

  private unexpected(): CesqlFault {
    const { kind, value } = this.next;
    return new CesqlFault(kind === 'end' ? 'ends too early' : `cannot have \`${value.slice(0, 40)}\` where it is`);
  }
}

const isWord = ({ kind, value }: Token, word: string): boolean => kind === 'word' && value.toUpperCase() === word;

function constant(digits: string): Expression {
  const value = Number(digits);
  if (value < -(2 ** 31) || value >= 2 ** 31) throw new CesqlFault('has an integer of more than 32 bits');
  return () => value;
}

function joinedBy(word: string, a: Expression, b: Expression): Expression {
  if (word === 'AND') return (visible) => toBoolean(a(visible)) && toBoolean(b(visible));
  if (word === 'OR') return (visible) => toBoolean(a(visible)) || toBoolean(b(visible));
  return (visible) => toBoolean(a(visible)) !== toBoolean(b(visible));
}
