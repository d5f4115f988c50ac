import { RE2JS, RE2Set } from 're2js';

/** A pattern, tested in time linear in the text; `size` counts the instructions that each character may meet. */
export type LinearPattern = { test: (text: string) => boolean; toString: () => string; size: number };

// Such as `^[0-9]{18}$`: each character of the text meets one place of the pattern, so nothing is tried twice.
const fixed = /^\^(?:(?:[\w :@,/-]|\\[dw.]|\[[^\\[\]]+\])(?:\{\d{1,3}\})?)*\$$/;

/** Most characters of a pattern: large sets of letters take long to compile. */
const maxCharacters = 1_000;

/** Bytes that a pattern may keep of what it has learned from texts; beyond, it reads each anew, in linear time too. */
const maxLearnedBytes = 16 * 1024;

/**
 * A pattern of a JSON Schema on an engine that never goes back in the text.
 *
 * Shape: reads the syntax of ECMAScript with the flag `u`, but `\s` means the ASCII spaces alone and `.` all but `\n`.
 * Errors: throws for what ECMAScript does not know, for more than 1,000 characters, and for what no such engine can do:
 *   look-around, back-references, repetitions past 1,000.
 * Source: RE2, of which RE2JS is a port.
 */
export function linearPattern(pattern: string): LinearPattern {
  if (pattern.length > maxCharacters) throw new Error(`a pattern has at most ${maxCharacters} characters`);
  // What only the other engine knows would mean something else to whoever reads the schema.
  const native = new RegExp(pattern, 'u');
  const byName = pattern.replace(/\\([pP])\{(?:Script|sc|General_Category|gc)=/g, '\\$1{');
  const linear = RE2JS.translateRegExp(byName);
  const engine = RE2JS.compile(linear);
  const size = engine.programSize();
  // The native engine is ten times faster: 40 ns for a number of 18 digits.
  if (fixed.test(pattern)) return { test: (text) => native.test(text), toString: () => pattern, size };
  // Where each character says where to go on, nothing is learned.
  const isOnePass = engine.re2().onepass !== null;
  return { test: isOnePass ? (text) => engine.test(text) : learning(linear), toString: () => pattern, size };
}

// The engine for one pattern would keep up to 8 MiB for each, for ever: the one for sets can be told how much.
function learning(pattern: string): LinearPattern['test'] {
  const set = new RE2Set(RE2Set.UNANCHORED, 0, maxLearnedBytes);
  set.add(pattern);
  set.compile();
  return (text) => set.match(text).length > 0;
}
