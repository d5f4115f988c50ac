import { stepsOf, type TermsV1 } from '@govbus/contracts';
import { compileArea } from './areas';
import { compileMask, type Mask } from './masks';
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
  const spots = new Spots();
  const whole = spots.of([root], false);
  const project = (data: unknown): Record<string, unknown> => {
    const seen = look(data, whole, spots);
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

/**
 * Where the walk through a record stands. The places are all those that lead here: an element of an array stands where
 * its array does and, if a pointer counts it, there as well, so that neither way around a mask is left.
 */
type Spot = {
  places: Place[];
  isGranted: boolean;
  mask: Mask | undefined;
  /** What the places name below here. */
  names: ReadonlySet<string>;
  members: Map<string, Spot>;
  elements: Map<string, Spot>;
};

/** Most spots that a lens keeps: records of strange shape must not make them grow without end. */
const maxKept = 1_000;

/** The spots of one lens, each worked out once: what a pointer means does not change from record to record. */
class Spots {
  private kept = 0;

  of(places: Place[], isInherited: boolean): Spot {
    return {
      places,
      isGranted: isInherited || places.some((place) => place.isGranted),
      mask: places.find((place) => place.mask)?.mask,
      names: new Set(places.flatMap((place) => [...place.below.keys()])),
      members: new Map(),
      elements: new Map(),
    };
  }

  /** The spot of a member that some place names. */
  member(spot: Spot, name: string): Spot {
    return this.keep(spot.members, name, () => this.of(below(spot.places, name), spot.isGranted));
  }

  element(spot: Spot, name: string): Spot {
    if (!spot.names.has(name)) return spot;
    return this.keep(spot.elements, name, () => this.of([...spot.places, ...below(spot.places, name)], spot.isGranted));
  }

  private keep(known: Map<string, Spot>, name: string, make: () => Spot): Spot {
    const found = known.get(name);
    if (found) return found;
    const made = make();
    if (this.kept < maxKept) {
      this.kept += 1;
      known.set(name, made);
    }
    return made;
  }
}

const below = (places: Place[], step: string): Place[] => places.flatMap((place) => place.below.get(step) ?? []);

// Undefined: nothing here is granted.
function look(value: unknown, spot: Spot, spots: Spots): unknown {
  const { isGranted, mask, names } = spot;
  const isPassed = names.size > 0;
  if (mask && (isGranted || isPassed)) return mask(value);
  if (!isPassed) return isGranted ? value : undefined;
  if (Array.isArray(value)) return value.map((item, i) => look(item, spots.element(spot, String(i)), spots) ?? null);
  if (typeof value !== 'object' || value === null) return isGranted ? value : undefined;
  return lookAtMembers(value as Record<string, unknown>, spot, spots);
}

function lookAtMembers(source: Record<string, unknown>, spot: Spot, spots: Spots): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const name of spot.isGranted ? Object.keys(source) : spot.names) {
    if (!Object.hasOwn(source, name)) continue;
    // What no place names is granted by what is above it.
    const isNamed = !spot.isGranted || spot.names.has(name);
    const seen = isNamed ? look(source[name], spots.member(spot, name), spots) : source[name];
    if (seen === undefined) continue;
    // An assignment to `__proto__` would be no field.
    if (name === '__proto__') Object.defineProperty(shown, name, { value: seen, enumerable: true });
    else shown[name] = seen;
  }
  return shown;
}
