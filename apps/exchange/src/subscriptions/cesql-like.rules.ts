/** Any one character, where others have their code point. */
const anyOne = -1;

/** A part of a pattern between two `%`. Places count UTF-16 units; -1 says that it is not there. */
type Part = {
  /** Where it ends that begins the text. */
  endAtStart: (text: string) => number;
  /** Where it begins that ends the text. */
  startAtEnd: (text: string) => number;
  /** Where the first one ends that begins at `from` or later. */
  endBehind: (text: string, from: number) => number;
};

/**
 * Whether a text is like a pattern: `%` any characters, `_` one, `\%` and `\_` themselves; the whole text.
 *
 * INVARIANT: each character of the text is looked at a few times, however many `%` there are: the first place for a part
 * leaves the most for those behind it.
 */
export function likeMatcher(pattern: string): (text: string) => boolean {
  const parts = partsOf(pattern);
  const [first, last] = [parts.shift(), parts.pop()];
  if (!first) return (text) => text === '';
  if (!last) return (text) => first.endAtStart(text) === text.length;
  return (text) => {
    const end = last.startAtEnd(text);
    let at = first.endAtStart(text);
    for (const part of parts) {
      if (at < 0 || at > end) return false;
      at = part.endBehind(text, at);
    }
    return at >= 0 && at <= end;
  };
}

function partsOf(pattern: string): Part[] {
  const parts: number[][] = [[]];
  for (const [sign] of pattern.matchAll(/\\[%_]|[\s\S]/gu))
    if (sign === '%') parts.push([]);
    else parts.at(-1)?.push(sign === '_' ? anyOne : (sign.replace(/^\\(?=[%_])/, '').codePointAt(0) ?? anyOne));
  return parts.map((characters) => (characters.includes(anyOne) ? openPart(characters) : textPart(characters)));
}

function textPart(characters: number[]): Part {
  const part = String.fromCodePoint(...characters);
  return {
    endAtStart: (text) => (text.startsWith(part) ? part.length : -1),
    startAtEnd: (text) => (text.endsWith(part) ? text.length - part.length : -1),
    endBehind: (text, from) => {
      const at = text.indexOf(part, from);
      return at < 0 ? -1 : at + part.length;
    },
  };
}

function openPart(characters: number[]): Part {
  const backwards = characters.toReversed();
  return {
    endAtStart: (text) => {
      let at = 0;
      for (const wanted of characters) {
        const found = text.codePointAt(at);
        if (found === undefined || !fits(wanted, found)) return -1;
        at += unitsOf(found);
      }
      return at;
    },
    startAtEnd: (text) => {
      let at = text.length;
      for (const wanted of backwards) {
        if (at === 0) return -1;
        const pair = text.codePointAt(at - 2) ?? 0;
        const found = unitsOf(pair) === 2 ? pair : text.charCodeAt(at - 1);
        if (!fits(wanted, found)) return -1;
        at -= unitsOf(found);
      }
      return at;
    },
    endBehind: searcher(characters),
  };
}

const fits = (wanted: number, found: number): boolean => wanted === anyOne || wanted === found;
const unitsOf = (codePoint: number): number => (codePoint > 0xffff ? 2 : 1);

// Shift-and: a bit for each character of the part is set while all up to it are there. A text costs its length times the
// words that the bits take, whatever repeats in it.
function searcher(characters: number[]): Part['endBehind'] {
  const words = Math.ceil(characters.length / 32);
  const bitsOf = (found: number): Uint32Array => {
    const bits = new Uint32Array(words);
    characters.forEach((wanted, i) => {
      if (fits(wanted, found)) bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (1 << (i & 31));
    });
    return bits;
  };
  const known = new Map(characters.map((wanted) => [wanted, bitsOf(wanted)]));
  const others = bitsOf(anyOne);
  const lastBit = 1 << ((characters.length - 1) & 31);
  return (text, from) => {
    const state = new Uint32Array(words);
    for (let at = from; at < text.length;) {
      const found = text.codePointAt(at) ?? anyOne;
      const bits = known.get(found) ?? others;
      let carried = 1;
      for (let word = 0; word < words; word += 1) {
        const before = state[word] ?? 0;
        state[word] = ((before << 1) | carried) & (bits[word] ?? 0);
        carried = before >>> 31;
      }
      at += unitsOf(found);
      if (((state[words - 1] ?? 0) & lastBit) !== 0) return at;
    }
    return -1;
  };
}
