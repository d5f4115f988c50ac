import { isDeepStrictEqual } from 'node:util';
import { asStep, Conflict, type Fault } from '@govbus/contracts';

type Schema = Record<string, unknown>;
type Report = (pointer: string, keyword: string) => void;

const annotations = ['title', 'description', '$comment', 'examples', 'default', 'deprecated', 'readOnly', 'writeOnly'];
/** Bounds that may only move away: down for the first, up for the second. */
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const structure = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const'];
const removable = ['pattern', 'format', 'uniqueItems', 'multipleOf'];
const compared = new Set([...annotations, ...lower, ...upper, ...structure, ...removable, '$schema', '$id', '$defs']);

/**
 * Refuses a schema version under which a record of the version before could be invalid, or lack a field: consumers of
 * the dataset rely on what they were told. Where that cannot be decided, it is refused.
 *
 * Errors: `Conflict` `schema.incompatible`, each fault naming the place and the keyword.
 * Source: docs of the Confluent schema registry, level BACKWARD, and no property removed.
 */
export function checkCompatible(before: Schema, after: Schema): void {
  const faults: Fault[] = [];
  compare(before, after, '/schema', (pointer, keyword) =>
    faults.push({ pointer, code: 'schema.incompatible', detail: `narrows or changes \`${keyword}\`` }),
  );
  if (faults.length > 0)
    throw new Conflict('schema.incompatible', 'records of the schema before would not fit: make a new dataset', {
      faults: faults.slice(0, 100),
    });
}

function compare(before: unknown, after: unknown, pointer: string, report: Report): void {
  if (before === false) return;
  if (isOpen(after)) return reportLost(before, pointer, report);
  if (!isSchema(after)) return report(pointer, 'false');
  const old: Schema = isSchema(before) ? before : {};
  if (!typesOf(old).every((type) => typesOf(after).includes(type))) report(`${pointer}/type`, 'type');
  for (const keyword of lower) if (isTighter(old[keyword], after[keyword], 1)) report(`${pointer}/${keyword}`, keyword);
  for (const keyword of upper)
    if (isTighter(old[keyword], after[keyword], -1)) report(`${pointer}/${keyword}`, keyword);
  for (const keyword of removable)
    if (keyword in after && !isDeepStrictEqual(old[keyword], after[keyword])) report(`${pointer}/${keyword}`, keyword);
  compareValues(old, after, pointer, report);
  compareObjects(old, after, pointer, report);
  if ('items' in after) compare(old.items ?? true, after.items, `${pointer}/items`, report);
  else reportLost(old.items, `${pointer}/items`, report);
  // Definitions may be added; what refers to one that changed cannot be followed here.
  for (const [name, schema] of Object.entries(partsOf(old, '$defs')))
    if (!isDeepStrictEqual(schema, partsOf(after, '$defs')[name])) report(`${pointer}/$defs/${asStep(name)}`, '$defs');
  for (const keyword of new Set([...Object.keys(old), ...Object.keys(after)]))
    if (!compared.has(keyword) && !isDeepStrictEqual(old[keyword], after[keyword]))
      report(`${pointer}/${asStep(keyword)}`, keyword);
}

function compareObjects(old: Schema, after: Schema, pointer: string, report: Report): void {
  const [had, has] = [partsOf(old, 'properties'), partsOf(after, 'properties')];
  for (const [name, schema] of Object.entries(had))
    if (Object.hasOwn(has, name)) compare(schema, has[name], `${pointer}/properties/${asStep(name)}`, report);
    else report(`${pointer}/properties/${asStep(name)}`, 'properties');
  // What an open model held under a new name nobody knows.
  for (const [name, schema] of Object.entries(has))
    if (!Object.hasOwn(had, name))
      compare(old.additionalProperties ?? true, schema, `${pointer}/properties/${asStep(name)}`, report);
  const required = listOf(old.required);
  if (listOf(after.required).some((name) => !required.includes(name))) report(`${pointer}/required`, 'required');
  if ('additionalProperties' in after)
    compare(old.additionalProperties ?? true, after.additionalProperties, `${pointer}/additionalProperties`, report);
  else reportLost(old.additionalProperties, `${pointer}/additionalProperties`, report);
}

/** What takes anything may hold the fields of before, but promises them no longer. */
function reportLost(before: unknown, pointer: string, report: Report): void {
  if (!isSchema(before)) return;
  for (const name of Object.keys(partsOf(before, 'properties')))
    report(`${pointer}/properties/${asStep(name)}`, 'properties');
  for (const keyword of ['items', 'additionalProperties']) reportLost(before[keyword], `${pointer}/${keyword}`, report);
}

function compareValues(old: Schema, after: Schema, pointer: string, report: Report): void {
  const [could, can] = [valuesOf(old), valuesOf(after)];
  if (can && !could?.every((value) => can.some((other) => isDeepStrictEqual(value, other))))
    report(`${pointer}/${'const' in after ? 'const' : 'enum'}`, 'const' in after ? 'const' : 'enum');
}

const everyType = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
// Every number that is no integer is a number: both are named, so that one set can be compared with the other.
function typesOf({ type }: Schema): unknown[] {
  const types = type === undefined ? everyType : [type].flat();
  return types.includes('number') ? [...types, 'integer'] : types;
}
function isTighter(old: unknown, after: unknown, sign: 1 | -1): boolean {
  if (after === undefined) return false;
  return typeof old !== 'number' || typeof after !== 'number' || sign * after > sign * old;
}
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOpen = (schema: unknown): boolean =>
  schema === true || (isSchema(schema) && Object.keys(schema).every((keyword) => annotations.includes(keyword)));
const partsOf = (schema: Schema, keyword: string): Schema => {
  const parts = schema[keyword];
  return isSchema(parts) ? parts : {};
};
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const valuesOf = (schema: Schema): unknown[] | undefined =>
  'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;
