import type { TermsV1 } from '@govbus/contracts';
import { compileArea } from './areas';
import { compileMask, type Mask } from './masks';
import { stepsOf } from './pointer';
import { compileFilter } from './row-filter';

/** What one agreement shows of a dataset. */
export type Lens = {
  /** Whether the agreement gives this record at all. */
  matches: (data: unknown) => boolean;
  /** The granted fields, masked; never changes `data`. */
  project: (data: unknown) => Record<string, unknown>;
  /** The granted pointers. */
  fields: string[];
};

// A place in a record: granted itself, masked, or only on the way to such places.
type Place = { isGranted: boolean; mask?: Mask; below: Map<string, Place> };
const newPlace = (isGranted: boolean): Place => ({ isGranted, below: new Map() });

/**
 * Terms as a lens, compiled once: what is not granted is absent, what is masked never leaves in plain.
 *
 * Shape: a step that meets an array goes into each element, so that no element escapes a mask.
 */
export function compileLens(terms: TermsV1, { pseudonymKey }: { pseudonymKey: Buffer }): Lens {
  const root = newPlace(false);
  for (const pointer of terms.fields) placeAt(root, pointer).isGranted = true;
  for (const mask of terms.masks) placeAt(root, mask.field).mask = compileMask(mask, pseudonymKey);
  const tests = [
    ...(terms.rowFilter ? [compileFilter(terms.rowFilter)] : []),
    ...(terms.area ? [compileArea(terms.area)] : []),
  ];
  const matches = (data: unknown): boolean => tests.every((test) => test(data));
  const project = (data: unknown): Record<string, unknown> => {
    const seen = look(data, [root], false);
    return typeof seen === 'object' && seen !== null && !Array.isArray(seen) ? (seen as Record<string, unknown>) : {};
  };
  return { matches, project, fields: [...terms.fields] };
}

function placeAt(root: Place, pointer: string): Place {
  let place = root;
  for (const step of stepsOf(pointer)) {
    const next = place.below.get(step) ?? newPlace(false);
    place.below.set(step, next);
    place = next;
  }
  return place;
}

// Undefined: nothing here is granted. The places are all those that lead here: an element of an array stands where its
// array does and, if a pointer counts it, there as well, so that neither way around a mask is left.
function look(value: unknown, places: Place[], isInherited: boolean): unknown {
  const isGranted = isInherited || places.some((place) => place.isGranted);
  const mask = places.find((place) => place.mask)?.mask;
  const isPassed = places.some((place) => place.below.size > 0);
  if (mask && (isGranted || isPassed)) return mask(value);
  if (!isPassed) return isGranted ? value : undefined;
  if (Array.isArray(value))
    return value.map((item, i) => look(item, [...places, ...below(places, String(i))], isGranted) ?? null);
  if (typeof value !== 'object' || value === null) return isGranted ? value : undefined;
  const source = value as Record<string, unknown>;
  const shown: [string, unknown][] = [];
  const keys = isGranted ? Object.keys(source) : new Set(places.flatMap((place) => [...place.below.keys()]));
  for (const key of keys) {
    if (!Object.hasOwn(source, key)) continue;
    const seen = look(source[key], below(places, key), isGranted);
    if (seen !== undefined) shown.push([key, seen]);
  }
  // `fromEntries` defines properties: a field named `__proto__` stays a field.
  return Object.fromEntries(shown);
}

const below = (places: Place[], step: string): Place[] => places.flatMap((place) => place.below.get(step) ?? []);
