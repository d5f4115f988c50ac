/** A value of CESQL: attributes are strings, and cast where an operator wants something else. */
export type Value = string | number | boolean;

/** Any error of an evaluation: a filter in which one arises does not hold. */
export class CesqlError extends Error {}

/** Characters of the longest text that an expression may read, build or look through: no value in it is longer. */
const maxText = 10_000;

/**
 * However many zeros it begins with: the bus pads `sequence`.
 *
 * INVARIANT: a text is gone through once. An expression that asks for the zeros apart from the digits behind them tries
 * each division of a long text before it gives up.
 */
export function toInteger(value: Value): number {
  if (typeof value !== 'string') return Number(value);
  if (/^[+-]?\d+$/.test(value)) return inRange(Number(value));
  throw new CesqlError('not an integer');
}

export function toBoolean(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new CesqlError('not a boolean');
}

/** The text of a value; of booleans in lower case. */
export const toText = String;

/** Whether `left`, as the type of `right`, is the same; what cannot be cast is an error. */
export function equals(left: Value, right: Value): boolean {
  if (typeof right === 'number') return toInteger(left) === right;
  if (typeof right === 'boolean') return toBoolean(left) === right;
  return toText(left) === right;
}

/** An integer of 32 bits with its sign; other results are errors. */
export function inRange(value: number): number {
  if (value < -(2 ** 31) || value >= 2 ** 31) throw new CesqlError('outside of 32 bits');
  return value;
}

export const arithmetic: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => inRange(a + b),
  '-': (a, b) => inRange(a - b),
  '*': (a, b) => inRange(a * b),
  '/': (a, b) => inRange(Math.trunc(a / notZero(b))),
  '%': (a, b) => (a % notZero(b)) + 0,
};

function notZero(value: number): number {
  if (value === 0) throw new CesqlError('divided by zero');
  return value;
}

export const comparisons: Record<string, (a: Value, b: Value) => boolean> = {
  '=': equals,
  '!=': (a, b) => !equals(a, b),
  '<>': (a, b) => !equals(a, b),
  '<': (a, b) => toInteger(a) < toInteger(b),
  '<=': (a, b) => toInteger(a) <= toInteger(b),
  '>': (a, b) => toInteger(a) > toInteger(b),
  '>=': (a, b) => toInteger(a) >= toInteger(b),
};

type Call = { min: number; max: number; of: (...values: Value[]) => Value };
const text = (of: (value: string) => Value): Call => ({ min: 1, max: 1, of: (value = '') => of(toText(value)) });
const castable = (cast: (value: Value) => Value) => (value: Value) => {
  try {
    cast(value);
    return true;
  } catch {
    return false;
  }
};

/** The functions, by their names in upper case. */
export const functions = new Map<string, Call>([
  ['LENGTH', text(lengthOf)],
  ['LOWER', text((value) => bounded(value.toLowerCase()))],
  ['UPPER', text((value) => bounded(value.toUpperCase()))],
  ['TRIM', text((value) => value.trim())],
  ['STRING', text((value) => value)],
  ['INT', { min: 1, max: 1, of: (value = 0) => toInteger(value) }],
  ['BOOL', { min: 1, max: 1, of: (value = false) => toBoolean(value) }],
  ['IS_INT', { min: 1, max: 1, of: (value = '') => castable(toInteger)(value) }],
  ['IS_BOOL', { min: 1, max: 1, of: (value = '') => castable(toBoolean)(value) }],
  ['ABS', { min: 1, max: 1, of: (value = 0) => inRange(Math.abs(toInteger(value))) }],
  ['CONCAT', { min: 0, max: 50, of: (...values) => joined(values.map(toText), '') }],
  ['CONCAT_WS', { min: 1, max: 50, of: (by = '', ...values) => joined(values.map(toText), toText(by)) }],
  ['LEFT', { min: 2, max: 2, of: (value = '', count = 0) => left(toText(value), notNegative(count)) }],
  ['RIGHT', { min: 2, max: 2, of: (value = '', count = 0) => right(toText(value), notNegative(count)) }],
  ['SUBSTRING', { min: 2, max: 3, of: (value = '', from = 1, length) => substring(toText(value), from, length) }],
]);

export function bounded(value: string): string {
  if (value.length > maxText) throw new CesqlError('too long');
  return value;
}

function joined(values: string[], by: string): string {
  const length = values.reduce((sum, value) => sum + value.length, by.length * Math.max(0, values.length - 1));
  if (length > maxText) throw new CesqlError('too long');
  return values.join(by);
}

function notNegative(value: Value): number {
  const count = toInteger(value);
  if (count < 0) throw new CesqlError('negative');
  return count;
}

// Characters are code points, as `_` of LIKE takes them, and not the units that JavaScript counts.
const unitsAt = (value: string, at: number): number => ((value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

function lengthOf(value: string): number {
  if (!/[\ud800-\udbff]/.test(value)) return value.length;
  let length = 0;
  for (let at = 0; at < value.length; at += unitsAt(value, at)) length += 1;
  return length;
}

function left(value: string, count: number): string {
  let end = 0;
  for (let i = 0; i < count && end < value.length; i += 1) end += unitsAt(value, end);
  return value.slice(0, end);
}

const behind = (value: string, count: number): string => value.slice(left(value, count).length);
const right = (value: string, count: number): string => behind(value, Math.max(0, lengthOf(value) - count));

// From 1; negative from the end; 0 gives nothing.
function substring(value: string, from: Value, length: Value | undefined): string {
  const at = toInteger(from);
  const most = lengthOf(value);
  if (Math.abs(at) > most) throw new CesqlError('out of range');
  if (at === 0) return '';
  const found = behind(value, at > 0 ? at - 1 : most + at);
  return length === undefined ? found : left(found, notNegative(length));
}
