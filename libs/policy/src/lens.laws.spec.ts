import { asStep, type MaskKind, type MaskV1, stepsOf, type TermsV1 } from '@govbus/contracts';
import { randomOf } from '@govbus/testing';
import { compileLens } from './lens';

type Leaf = { path: string[]; value: string | number };
type Case = { terms: TermsV1; record: Record<string, unknown>; leaves: Leaf[] };

const names = ['a', 'b', 'c', 'd', '0', '1', '__proto__', 'x/y', 'm~n'];
const kinds: MaskKind[] = ['redact', 'partial', 'pseudonym', 'generalise'];

function makeCase(seed: number): Case {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const leaves: Leaf[] = [];
  const build = (path: string[], depth: number): unknown => {
    const kind = random();
    if (depth === 0 || (kind < 0.35 && path.length > 0)) {
      // Every leaf holds a value that occurs nowhere else, one number in three.
      const value = below(3) === 0 ? 1000 + leaves.length + 0.123456 : `planted-${leaves.length}-value`;
      leaves.push({ path, value });
      return value;
    }
    const size = 1 + below(3);
    if (kind < 0.6 && path.length > 0)
      return Array.from({ length: size }, (_, i) => build([...path, String(i)], depth - 1));
    const keys = [...new Set(Array.from({ length: size + 1 }, () => pick(names)))];
    return Object.fromEntries(keys.map((key) => [key, build([...path, key], depth - 1)]));
  };
  const record = build([], 4) as Record<string, unknown>;
  // Pointers of places that are there, some without the steps that count elements, and some of nowhere.
  const pointer = (): string => {
    const { path } = pick(leaves);
    const steps = path.slice(0, 1 + below(path.length)).filter((step) => !/^\d$/.test(step) || random() < 0.5);
    return steps.length === 0 || random() < 0.1 ? `/${asStep(pick(names))}` : `/${steps.map(asStep).join('/')}`;
  };
  const fields = Array.from({ length: 1 + below(3) }, pointer);
  const masks = Array.from({ length: below(4) }, (): MaskV1 => {
    const kind = pick(kinds);
    return { field: pointer(), kind, params: kind === 'generalise' ? { decimals: 1 } : {} };
  });
  const terms: TermsV1 = {
    purposes: ['case-handling'],
    legalBasis: 'article 1',
    fields,
    masks,
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2027-01-01T00:00:00Z',
    deliveryModes: ['pull'],
  };
  return { terms, record, leaves };
}

// Whether the pointer leads to the leaf or above it; a step that counts an element of an array may be left out.
function covers(pointer: string, record: unknown, path: string[]): boolean {
  const reach = (steps: string[], value: unknown, rest: string[]): boolean => {
    const [step, ...more] = steps;
    if (step === undefined) return true;
    const [next, ...after] = rest;
    if (next === undefined) return false;
    const inside = (value as Record<string, unknown>)[next];
    if (Array.isArray(value) && reach(steps, inside, after)) return true;
    return step === next && reach(more, inside, after);
  };
  return reach(stepsOf(pointer), record, path);
}

describe('the law of the lens', () => {
  const key = { pseudonymKey: Buffer.alloc(32, 7) };

  it('shows no leaf that is not granted or that is masked, and every other one, over 3000 random terms and records', () => {
    const seen = { shown: 0, hidden: 0, masked: 0 };
    for (let seed = 1; seed <= 3000; seed++) {
      const { terms, record, leaves } = makeCase(seed);
      const before = JSON.stringify(record);
      const shown = JSON.stringify(compileLens(terms, key).project(record));
      expect(JSON.stringify(record)).toBe(before);
      for (const { path, value } of leaves) {
        const isGranted = terms.fields.some((field) => covers(field, record, path));
        const isMasked = terms.masks.some(({ field }) => covers(field, record, path));
        const isThere = shown.includes(JSON.stringify(value));
        if (isThere !== (isGranted && !isMasked))
          throw new Error(`seed ${seed}: /${path.join('/')} of ${before} under ${JSON.stringify(terms)} gave ${shown}`);
        seen[!isGranted ? 'hidden' : isMasked ? 'masked' : 'shown']++;
      }
    }
    // The generator reaches all three; a law over nothing would hold as well.
    expect(Math.min(seen.shown, seen.hidden, seen.masked)).toBeGreaterThan(500);
  });

  it.each(kinds)('never shows the value under the mask %s, whatever its form', (kind) => {
    const { project } = compileLens(
      { ...makeCase(1).terms, fields: ['/id'], masks: [{ field: '/id', kind, params: { decimals: 1 } }] },
      key,
    );
    const forms = [
      'planted',
      ['planted'],
      { planted: 'planted' },
      [['planted'], { deep: ['planted'] }],
      '2026 planted',
    ];
    for (const id of forms) expect(JSON.stringify(project({ id }))).not.toContain('planted');
  });
});
