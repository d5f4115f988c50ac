import { linearPattern } from './linear-pattern';
import { type Fault, Invalid } from './errors';
import { asStep, stepsOf, valueAt } from './pointer';

/**
 * Most work on one value of an event, in subschemas. An event of 256 KiB may hold 87,000 values, and each subschema takes
 * some 20 ns: the slowest schema found that passes holds the exchange up for about a second.
 */
export const maxSchemaWork = 500;
/**
 * Most subschemas and sets of letters that are compiled, each as often as it lies in a place that is referred to. The
 * slowest schema found that passes takes about half a second.
 */
export const maxSchemaParts = 1_000;
/** Most levels of a schema's JSON. */
export const maxSchemaDepth = 64;
// A schema that people write settles within a few.
const maxRounds = 50;

type Schema = Record<string, unknown>;
/** A subschema: what it costs itself, what else it asks of the same value, and what of the values below. */
type Part = {
  pointer: string;
  weight: number;
  size: number;
  same: Part[];
  properties: Part[];
  patternProperties: Part[];
  additionalProperties: Part[];
  items: Part[];
  /** Asked of items or members whatever else is. */
  besides: Part[];
  own: number;
  below: number;
};

/**
 * Refuses a JSON Schema whose check could hold up whoever runs it: deep, endless or multiplying references, too many
 * subschemas for one value, patterns that take more than linear time.
 *
 * Shape: compiles nothing but the patterns. References are `#` or a plain pointer below it.
 * Errors: `Invalid` `schema.invalid` with the place as a pointer below `/schema`.
 */
export function checkSchemaWork(schema: Schema): void {
  refuseUnbounded(schema, '', 1);
  const targets = new Set<Part>();
  const parts = readParts(schema, targets);
  // Each place that is referred to becomes a function of its own, with all that lies in it.
  const compiled = [...targets].reduce((sum, { size }) => sum + size, 0);
  if (compiled > maxSchemaParts) throw tooMany();
  settle(parts);
}

const tooMany = (): Invalid => refusal('', `the schema compiles to more than ${maxSchemaParts} subschemas`);

/** Errors: `Invalid` `schema.invalid`. */
export const refusal = (pointer: string, detail: string): Invalid => {
  const fault: Fault = { pointer: `/schema${pointer}`, code: 'schema.invalid', detail };
  return new Invalid('schema.invalid', 'the schema cannot be used', { faults: [fault] });
};

// They move references elsewhere.
const moving = ['$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveAnchor', '$recursiveRef'];

function refuseUnbounded(value: unknown, pointer: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxSchemaDepth) throw refusal('', `the schema is nested deeper than ${maxSchemaDepth} levels`);
  // Such a check answers with a promise, which whoever asks "does it fit" takes for yes.
  if (Object.hasOwn(value, '$async')) throw refusal(pointer, 'a schema may not be asynchronous');
  for (const [name, member] of Object.entries(value)) {
    // A property may have such a name; then its value is a schema.
    const isMoving = moving.includes(name) || (name === '$id' && depth > 1);
    if (isMoving && typeof member !== 'object') throw refusal(pointer, `\`${name}\` cannot be used here`);
    refuseUnbounded(member, `${pointer}/${asStep(name)}`, depth + 1);
  }
}

/** Every subschema that a check can reach, children mostly before their parents; `targets` are the root and what is referred to. */
function readParts(root: Schema, targets: Set<Part>): Part[] {
  const known = new Map<Schema, Part>();
  const parts: Part[] = [];
  let reached = 0;
  const references: { part: Part; target: Schema; pointer: string }[] = [];

  function read(schema: Schema, pointer: string): Part {
    const before = known.get(schema);
    if (before) return before;
    // Refused before its patterns are compiled.
    const size = 1 + unicodeClasses(schema);
    reached += size;
    if (reached > maxSchemaParts) throw tooMany();
    const children = (keyword: string): Part[] =>
      childrenOf(schema, keyword).map(([child, below]) => read(child, `${pointer}/${keyword}${below}`));
    const part: Part = {
      pointer,
      weight: weightOf(schema, pointer),
      size,
      same: sameValue.flatMap(children),
      properties: children('properties'),
      patternProperties: children('patternProperties'),
      additionalProperties: children('additionalProperties'),
      items: ['prefixItems', 'items'].flatMap(children),
      besides: ['propertyNames', 'contains', 'unevaluatedProperties', 'unevaluatedItems'].flatMap(children),
      own: 0,
      below: 0,
    };
    const { same, properties, patternProperties, additionalProperties, items, besides } = part;
    for (const child of [same, properties, patternProperties, additionalProperties, items, besides].flat())
      part.size += child.size;
    if (typeof schema.$ref === 'string') {
      const target = targetOf(root, schema.$ref, `${pointer}/$ref`);
      if (target) references.push({ part, target, pointer: schema.$ref.slice(1) });
    }
    known.set(schema, part);
    parts.push(part);
    return part;
  }

  targets.add(read(root, ''));
  // Grows while it is walked: what is referred to refers on.
  for (const { part, target, pointer } of references) {
    const to = read(target, pointer);
    targets.add(to);
    part.same.push(to);
  }
  return parts;
}

const sameValue = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'];
const listed = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const named = ['dependentSchemas', 'dependencies', 'properties', 'patternProperties'];

/** The subschemas of a keyword, each with the pointer that leads to it from there. */
function childrenOf(schema: Schema, keyword: string): [Schema, string][] {
  const value = schema[keyword];
  const isMany = named.includes(keyword) || (listed.includes(keyword) && Array.isArray(value));
  const children: [string, unknown][] = isMany ? Object.entries(value ?? {}) : [['', value]];
  return children.flatMap(([name, child]) => (isObject(child) ? [[child, isMany ? `/${asStep(name)}` : '']] : [])) as [
    Schema,
    string,
  ][];
}

/** Nothing for `true` and `false`, which cost nothing. */
function targetOf(root: Schema, reference: string, where: string): Schema | undefined {
  // Percent-encoding would let one place be referred to, and compiled, under many names.
  if (!/^#(\/[^%]*)?$/.test(reference))
    throw refusal(where, 'a reference must be `#` or a pointer such as `#/$defs/name`');
  const at = valueAt(root, stepsOf(reference.slice(1)));
  if (typeof at === 'boolean') return undefined;
  if (!isObject(at)) throw refusal(where, 'the reference leads to no schema');
  return at;
}

function weightOf(schema: Schema, pointer: string): number {
  // Its expression goes back and forth: minutes for one long text.
  if (schema.format === 'url') throw refusal(`${pointer}/format`, 'the format `url` takes too long; use `uri`');
  const patterns = Object.keys(isObject(schema.patternProperties) ? schema.patternProperties : {});
  const sizes = patterns.map((pattern) => patternWeight(pattern, `${pointer}/patternProperties/${asStep(pattern)}`));
  if (typeof schema.pattern === 'string') sizes.push(patternWeight(schema.pattern, `${pointer}/pattern`));
  const names = [schema.properties, schema.required, schema.dependencies, schema.dependentSchemas];
  const dependent = [schema.dependentRequired, schema.dependencies].filter(isObject).flatMap(Object.values);
  const values = listOf(schema.enum);
  const objects = values.filter((value) => typeof value === 'object').length;
  // Looking for a name or comparing with a scalar takes a tenth of what a subschema takes.
  const short = [...names, ...dependent, values].reduce((total, each) => total + lengthOf(each), 0);
  return [...sizes, objects, uniqueWeight(schema)].reduce((total, each) => total + each, 1 + Math.ceil(short / 10));
}

// A step of the linear engine is slower than a subschema, and is done for each character of a text of 256 KiB.
const patternWeight = (pattern: string, pointer: string): number => {
  try {
    return 4 * linearPattern(pattern).size;
  } catch {
    const detail = 'the pattern cannot be used: it is wrong, long, or looks around or back';
    throw refusal(pointer, detail);
  }
};

/** A set of letters such as `\p{L}` takes as long to compile as a subschema. */
const unicodeClasses = ({ pattern, patternProperties }: Schema): number =>
  [pattern, ...Object.keys(isObject(patternProperties) ? patternProperties : {})]
    .map((each) => (typeof each === 'string' ? each.split(/\\p/i).length - 1 : 0))
    .reduce((total, each) => total + each, 0);

const scalars = ['string', 'number', 'integer', 'boolean', 'null'];
/** Scalars are compared through a table, everything else each with each. */
function uniqueWeight({ uniqueItems, items, maxItems }: Schema): number {
  const types = isObject(items) && items.type !== undefined ? [items.type].flat() : [];
  const isTable = types.length > 0 && types.every((type) => scalars.includes(String(type)));
  if (uniqueItems !== true || isTable) return 0;
  return typeof maxItems === 'number' ? Math.ceil(maxItems) : Infinity;
}

/**
 * Raises the work of every part until nothing changes: what it asks of its own value, and the most that it asks of any
 * one value below. Recursion that only descends settles; what goes in circles or doubles on its way grows past the bound.
 */
function settle(parts: Part[]): void {
  for (let round = 0, isSettled = false; !isSettled; round += 1) {
    isSettled = true;
    // Both ways in turn: children are read before their parents, what is referred to after them.
    for (const part of round % 2 === 0 ? parts : parts.toReversed()) {
      const own = part.same.reduce((sum, each) => sum + each.own, part.weight);
      const below = part.same.reduce((sum, each) => sum + each.below, childWork(part));
      if (own === part.own && below === part.below) continue;
      if (own > maxSchemaWork || below > maxSchemaWork || round === maxRounds)
        throw refusal(part.pointer, `one value would be checked with more than ${maxSchemaWork} subschemas`);
      isSettled = false;
      Object.assign(part, { own, below });
    }
  }
}

// One member meets one name of `properties` and every pattern that fits it; one item either a position or `items`.
function childWork({ properties, patternProperties, additionalProperties, items, besides }: Part): number {
  const member = Math.max(most(properties) + sum(patternProperties), most(additionalProperties));
  return Math.max(member, most(items)) + sum(besides);
}

const workOf = ({ own, below }: Part): number => Math.max(own, below);
const most = (parts: Part[]): number => parts.reduce((high, part) => Math.max(high, workOf(part)), 0);
const sum = (parts: Part[]): number => parts.reduce((total, part) => total + workOf(part), 0);
const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const lengthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
