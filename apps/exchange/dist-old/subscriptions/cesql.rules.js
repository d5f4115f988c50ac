"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CesqlFault = void 0;
exports.compileCesql = compileCesql;
const cesql_values_rules_1 = require("./cesql-values.rules");
/** Characters of an expression, and levels of parentheses and calls in it, at most. */
const [maxLength, maxDepth] = [2_000, 16];
/** What is wrong with an expression, for its author. */
class CesqlFault extends Error {
}
exports.CesqlFault = CesqlFault;
/**
 * A condition in CESQL over what filters see of an event; true only when its value is the boolean true and no error arose.
 *
 * Shape: comparisons, `AND` `OR` `XOR` `NOT`, `LIKE`, `IN`, `EXISTS`, arithmetic and the functions of the standard.
 *   `AND`, `OR` and `XOR` next to each other need parentheses, because text and grammar of the standard differ there.
 *   Names are those that filters see, so that fields of `data` count as attributes; names may hold `_`.
 * Errors: `CesqlFault` for what does not parse, an unknown function, more than 2,000 characters or 16 levels.
 * Source: CloudEvents SQL Expression Language 1.0.0.
 */
function compileCesql(expression) {
    if (expression.length > maxLength)
        throw new CesqlFault(`is longer than ${maxLength} characters`);
    const evaluate = new Parser(tokensOf(expression)).parse();
    return (visible) => {
        try {
            return evaluate(visible) === true;
        }
        catch (error) {
            if (error instanceof cesql_values_rules_1.CesqlError)
                return false;
            throw error;
        }
    };
}
const lexeme = /\s*(?:('(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(\d+)|([A-Za-z][A-Za-z0-9_]*)|(!=|<>|<=|>=|[=<>+\-*/%(),]))/y;
function tokensOf(expression) {
    const tokens = [];
    lexeme.lastIndex = 0;
    let at = 0;
    while (expression.slice(at).trim() !== '') {
        lexeme.lastIndex = at;
        const found = lexeme.exec(expression);
        if (!found)
            throw new CesqlFault(`cannot be read from character ${at + 1} on`);
        at = lexeme.lastIndex;
        const [, text, integer, word, sign = ''] = found;
        if (text !== undefined)
            tokens.push({ kind: 'text', value: unquoted(text) });
        else if (integer !== undefined)
            tokens.push({ kind: 'integer', value: integer });
        else if (word !== undefined)
            tokens.push({ kind: 'word', value: word });
        else
            tokens.push({ kind: 'sign', value: sign });
    }
    return tokens;
}
// The backslash escapes the delimiter alone: patterns of LIKE have a use for the others.
const unquoted = (text) => text.slice(1, -1).replaceAll(`\\${text.charAt(0)}`, text.charAt(0));
const reserved = new Set(['AND', 'OR', 'XOR', 'NOT', 'LIKE', 'IN', 'EXISTS', 'TRUE', 'FALSE']);
/** Recursive descent, from the operators that bind least to those that bind most. */
class Parser {
    tokens;
    at = 0;
    depth = 0;
    constructor(tokens) {
        this.tokens = tokens;
    }
    parse() {
        const whole = this.logic();
        if (this.next.kind !== 'end')
            throw this.unexpected();
        return whole;
    }
    logic() {
        let left = this.comparison();
        let joined;
        for (let word = this.word('AND', 'OR', 'XOR'); word; word = this.word('AND', 'OR', 'XOR')) {
            if (joined !== undefined && joined !== word)
                throw new CesqlFault(`needs parentheses around ${joined} or ${word}`);
            joined = word;
            left = joinedBy(word, left, this.comparison());
        }
        return left;
    }
    comparison() {
        let left = this.sum();
        for (let sign = this.sign('=', '!=', '<>', '<', '<=', '>', '>='); sign;) {
            const [a, b, compare] = [left, this.sum(), cesql_values_rules_1.comparisons[sign]];
            left = (visible) => compare?.(a(visible), b(visible)) ?? false;
            sign = this.sign('=', '!=', '<>', '<', '<=', '>', '>=');
        }
        return left;
    }
    sum() {
        return this.calculation(['+', '-'], () => this.calculation(['*', '/', '%'], () => this.membership()));
    }
    calculation(signs, operand) {
        let left = operand();
        for (let sign = this.sign(...signs); sign; sign = this.sign(...signs)) {
            const [a, b, calculate] = [left, operand(), cesql_values_rules_1.arithmetic[sign]];
            left = (visible) => calculate?.((0, cesql_values_rules_1.toInteger)(a(visible)), (0, cesql_values_rules_1.toInteger)(b(visible))) ?? 0;
        }
        return left;
    }
    // `IN` binds less than `LIKE`: each is taken as often as it comes.
    membership() {
        let left = this.likeness();
        for (;;) {
            const isNot = this.isNotBefore('IN');
            if (!this.word('IN'))
                return left;
            const [value, set] = [left, this.list()];
            if (set.length === 0)
                throw new CesqlFault('has an empty set behind IN');
            left = (visible) => {
                const found = value(visible);
                return set.some((one) => (0, cesql_values_rules_1.equals)(one(visible), found)) !== isNot;
            };
        }
    }
    likeness() {
        if (this.word('EXISTS')) {
            const name = this.name();
            return (visible) => visible.has(name);
        }
        let left = this.unary();
        for (;;) {
            const isNot = this.isNotBefore('LIKE');
            if (!this.word('LIKE'))
                return left;
            const { kind, value: pattern } = this.take();
            if (kind !== 'text')
                throw new CesqlFault('has no text behind LIKE');
            if (pattern.length > cesql_values_rules_1.maxPattern)
                throw new CesqlFault(`has a pattern of more than ${cesql_values_rules_1.maxPattern} characters`);
            const [value, matches] = [left, (0, cesql_values_rules_1.likeMatcher)(pattern)];
            left = (visible) => matches((0, cesql_values_rules_1.toText)(value(visible))) !== isNot;
        }
    }
    unary() {
        const sign = this.word('NOT') ?? this.sign('-');
        if (sign === undefined)
            return this.primary();
        const operand = this.deeper(() => this.unary());
        return sign === '-'
            ? (visible) => (0, cesql_values_rules_1.inRange)(-(0, cesql_values_rules_1.toInteger)(operand(visible)))
            : (visible) => !(0, cesql_values_rules_1.toBoolean)(operand(visible));
    }
    primary() {
        if (this.sign('(')) {
            const inner = this.deeper(() => this.logic());
            this.expect(')');
            return inner;
        }
        const { kind, value } = this.next;
        if (kind === 'text' || kind === 'integer') {
            this.at += 1;
            return kind === 'text' ? () => value : constant(value);
        }
        const isTrue = this.word('TRUE', 'FALSE');
        if (isTrue)
            return () => isTrue === 'TRUE';
        const after = this.tokens[this.at + 1];
        if (kind === 'word' && after?.kind === 'sign' && after.value === '(')
            return this.call();
        const name = this.name();
        return (visible) => {
            const found = visible.get(name);
            if (found === undefined)
                throw new cesql_values_rules_1.CesqlError('missing attribute');
            return found;
        };
    }
    call() {
        const name = this.take().value.toUpperCase();
        const given = this.list();
        const called = cesql_values_rules_1.functions.get(name);
        if (!called)
            throw new CesqlFault(`calls a function that is not known here: ${name.slice(0, 40)}`);
        if (given.length < called.min || given.length > called.max)
            throw new CesqlFault(`gives ${name} a wrong number of values`);
        return (visible) => called.of(...given.map((one) => one(visible)));
    }
    /** Expressions between parentheses, none or more. */
    list() {
        this.expect('(');
        if (this.sign(')'))
            return [];
        const items = [this.deeper(() => this.logic())];
        while (this.sign(','))
            items.push(this.deeper(() => this.logic()));
        this.expect(')');
        return items;
    }
    name() {
        const { kind, value } = this.next;
        if (kind !== 'word' || reserved.has(value.toUpperCase()))
            throw this.unexpected();
        this.at += 1;
        return value.toLowerCase();
    }
    isNotBefore(word) {
        const [first, second] = [this.next, this.tokens[this.at + 1]];
        const isIt = isWord(first, 'NOT') && second !== undefined && isWord(second, word);
        if (isIt)
            this.at += 1;
        return isIt;
    }
    deeper(parse) {
        this.depth += 1;
        if (this.depth > maxDepth)
            throw new CesqlFault(`has more than ${maxDepth} levels`);
        const parsed = parse();
        this.depth -= 1;
        return parsed;
    }
    get next() {
        return this.tokens[this.at] ?? { kind: 'end', value: '' };
    }
    take() {
        const token = this.next;
        this.at += 1;
        return token;
    }
    word(...words) {
        const found = words.find((word) => isWord(this.next, word));
        if (found !== undefined)
            this.at += 1;
        return found;
    }
    sign(...signs) {
        const { kind, value } = this.next;
        if (kind !== 'sign' || !signs.includes(value))
            return undefined;
        this.at += 1;
        return value;
    }
    expect(sign) {
        if (!this.sign(sign))
            throw this.unexpected();
    }
    unexpected() {
        const { kind, value } = this.next;
        return new CesqlFault(kind === 'end' ? 'ends too early' : `cannot have \`${value.slice(0, 40)}\` where it is`);
    }
}
const isWord = ({ kind, value }, word) => kind === 'word' && value.toUpperCase() === word;
function constant(digits) {
    const value = Number(digits);
    if (value >= 2 ** 31)
        throw new CesqlFault('has an integer of more than 32 bits');
    return () => value;
}
function joinedBy(word, a, b) {
    if (word === 'AND')
        return (visible) => (0, cesql_values_rules_1.toBoolean)(a(visible)) && (0, cesql_values_rules_1.toBoolean)(b(visible));
    if (word === 'OR')
        return (visible) => (0, cesql_values_rules_1.toBoolean)(a(visible)) || (0, cesql_values_rules_1.toBoolean)(b(visible));
    return (visible) => (0, cesql_values_rules_1.toBoolean)(a(visible)) !== (0, cesql_values_rules_1.toBoolean)(b(visible));
}
//# sourceMappingURL=cesql.rules.js.map