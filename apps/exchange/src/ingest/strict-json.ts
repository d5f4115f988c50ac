import { isUtf8 } from 'node:buffer';
import { asStep, Invalid, maxEventDepth } from '@govbus/contracts';

/**
 * The JSON value of a request body.
 *
 * Errors: `Invalid` `body.malformed`, with the position where the parser knows it; never a piece of the body.
 */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw new Invalid('body.malformed', 'the body is empty');
  if (!isUtf8(body)) throw new Invalid('body.malformed', 'the body is not UTF-8');
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw new Invalid('body.malformed', `the body is not JSON${position ? `: wrong at position ${position}` : ''}`);
  }
}

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Refuses what JSON allows and the bus cannot keep unchanged: nesting beyond `maxEventDepth`, members called
 * `__proto__`, U+0000 (PostgreSQL has no place for it), lone surrogates and numbers that JavaScript would round.
 *
 * Errors: `Invalid` `body.too-deep`; `Invalid` `event.invalid` with a fault.
 */
export function refuseUnkeepable(value: unknown, pointer = '', depth = 1): void {
  if (typeof value === 'string') return refuseText(value, pointer);
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      throw unkeepable(pointer, 'number', 'a number that cannot be kept exactly; send it as a string');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxEventDepth) throw new Invalid('body.too-deep', `nested deeper than ${maxEventDepth} levels`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) refuseUnkeepable(value[i], `${pointer}/${i}`, depth + 1);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw unkeepable(pointer, 'member-name', 'a member called `__proto__`');
    refuseText(name, pointer);
    refuseUnkeepable(member, `${pointer}/${asStep(name)}`, depth + 1);
  }
}

function refuseText(text: string, pointer: string): void {
  if (text.includes('\u0000')) throw unkeepable(pointer, 'text', 'text with the character U+0000');
  if (loneSurrogate.test(text)) throw unkeepable(pointer, 'text', 'text with half of a surrogate pair');
}

const unkeepable = (pointer: string, code: string, detail: string): Invalid =>
  new Invalid('event.invalid', 'the event holds what the bus cannot keep', { faults: [{ pointer, code, detail }] });
