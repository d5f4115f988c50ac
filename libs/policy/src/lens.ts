import type { TermsV1 } from '@govbus/contracts';
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
  const matches = terms.rowFilter ? compileFilter(terms.rowFilter) : () => true;
  const project = (data: unknown): Record<string, unknown> => {
    const seen = look(data, root, false);
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

// Undefined: nothing here is granted.
function look(value: unknown, place: Place, isInherited: boolean): unknown {
  const isGranted = isInherited || place.isGranted;
  if (place.mask && (isGranted || place.below.size > 0)) return place.mask(value);
  if (place.below.size === 0) return isGranted ? value : undefined;
  if (Array.isArray(value))
    return value.map((item, i) => look(item, place.below.get(String(i)) ?? place, isGranted) ?? null);
  if (typeof value !== 'object' || value === null) return isGranted ? value : undefined;
  const source = value as Record<string, unknown>;
  const shown: [string, unknown][] = [];
  for (const key of isGranted ? Object.keys(source) : place.below.keys()) {
    if (!Object.hasOwn(source, key)) continue;
    const next = place.below.get(key);
    const seen = next ? look(source[key], next, isGranted) : source[key];
    if (seen !== undefined) shown.push([key, seen]);
  }
  // `fromEntries` defines properties: a field named `__proto__` stays a field.
  return Object.fromEntries(shown);
}
