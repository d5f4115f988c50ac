import { maxEventDepth } from '@govbus/contracts';
import { refuseUnkeepable } from './strict-json';

/** Why the quick way gives up; the slow one then says where. */
const unkeepable = new Error('cannot be kept');

const maxNames = 10_000;
const quotedNames = new Map<string, string>();

/**
 * The canonical JSON (RFC 8785) of a parsed value: its text on the bus, and the ground of its digest
 * (`digestedText`).
 *
 * Errors: those of `refuseUnkeepable`. One walk does both, since it is the dearest step of the ingest after the parser
 * (bench `batch`).
 */
export function canonicalText(value: unknown): string {
  let text: string;
  try {
    text = textOf(value, 1);
  } catch (error) {
    refuseUnkeepable(value);
    throw error;
  }
  // `JSON.stringify` writes U+0000 and lone surrogates as escapes, and hardly anything else.
  if (text.includes('\\u')) refuseUnkeepable(value);
  return text;
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw unkeepable;
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > maxEventDepth) throw unkeepable;
      return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth);
    default:
      throw unkeepable;
  }
}

function arrayText(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < items.length; i += 1) text += `${i === 0 ? '' : ','}${textOf(items[i], depth + 1)}`;
  return `${text}]`;
}

// RFC 8785, 3.2.3: member names in the order of their UTF-16 code units, which is JavaScript's own.
function objectText(value: object, depth: number): string {
  let text = '{';
  for (const name of sorted(Object.keys(value))) {
    if (name === '__proto__') throw unkeepable;
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined) text += `${text === '{' ? '' : ','}${quoted(name)}:${textOf(member, depth + 1)}`;
  }
  return `${text}}`;
}

// In place, for the few names that objects have: the engine's own sort allocates more than the names themselves.
function sorted(names: string[]): string[] {
  if (names.length > 32) return names.sort();
  for (let i = 1; i < names.length; i += 1) {
    const name = names[i] ?? '';
    let at = i;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}

function quoted(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(name);
  if (quotedNames.size >= maxNames) quotedNames.clear();
  if (name.length <= 64) quotedNames.set(name, text);
  return text;
}
