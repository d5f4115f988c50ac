import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';

/** A JSON Schema (draft 2020-12) as plain JSON. */
export type JsonSchema = { [keyword: string]: unknown };
/** A class whose properties carry class-validator rules. */
export type RuledClass = new () => object;
/** One property of such a class: its own schema, or the class that its values (or, in a list, its items) have. */
export type RuledProperty = { required: boolean; schema: JsonSchema; nested?: RuledClass };

type Rule = { type: string; name?: string; propertyName: string; constraints?: unknown[]; each?: boolean };
type Keyword = (constraints: unknown[]) => JsonSchema;

const keywords: Record<string, Keyword> = {
  isString: () => ({ type: 'string' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isBoolean: () => ({ type: 'boolean' }),
  isObject: () => ({ type: 'object' }),
  isArray: () => ({ type: 'array' }),
  isIn: ([values]) => ({ ...typeOfValues(values), enum: values }),
  min: ([minimum]) => ({ minimum }),
  max: ([maximum]) => ({ maximum }),
  isLatitude: () => ({ type: 'number', minimum: -90, maximum: 90 }),
  isLongitude: () => ({ type: 'number', minimum: -180, maximum: 180 }),
  minLength: ([minLength]) => ({ minLength }),
  maxLength: ([maxLength]) => ({ maxLength }),
  isNotEmpty: () => ({ minLength: 1 }),
  isLength: ([minLength, maxLength]) => ({ minLength, ...(maxLength !== undefined && { maxLength }) }),
  matches: ([pattern]) => ({ type: 'string', ...(pattern instanceof RegExp && { pattern: pattern.source }) }),
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  isUrl: () => ({ type: 'string', format: 'uri' }),
  isAddressRanges: () => ({ type: 'string' }),
  isDefined: () => ({}),
  arrayMinSize: ([minItems]) => ({ minItems }),
  arrayMaxSize: ([maxItems]) => ({ maxItems }),
  arrayUnique: () => ({ uniqueItems: true }),
  // Rules of @govbus/contracts.
  isDepartmentCode: () => ({
    type: 'string',
    pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
    description: 'Unified Social Credit Code (GB 32100) with a right check character',
  }),
  isNames: () => ({
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$' },
    additionalProperties: { type: 'string', maxLength: 200 },
    description: 'names by language tag (BCP 47)',
  }),
};

/**
 * What the class-validator rules of `type` say of each property, inherited ones first.
 *
 * Shape: a property is required unless it is `@IsOptional()`, has a default, or no rule asks anything of it.
 * Errors: `Error` on a rule that has no schema here, so that no rule is left out in silence.
 */
export function propertiesOf(type: RuledClass): Map<string, RuledProperty> {
  const storage = getMetadataStorage();
  const rules = storage.groupByPropertyName(storage.getTargetValidationMetadatas(type, '', true, false));
  const defaults: Record<string, unknown> = { ...new type() };
  return new Map(Object.entries(rules).map(([name, own]) => [name, propertyOf(type, name, own, defaults[name])]));
}

function propertyOf(type: RuledClass, name: string, rules: Rule[], byDefault: unknown): RuledProperty {
  const asks = rules.some((rule) => rule.type !== 'conditionalValidation' && rule.type !== 'whitelistValidation');
  const isOptional = rules.some((rule) => rule.name === 'isOptional');
  const checks = rules.filter((rule) => rule.type === 'customValidation');
  const [ofItems, ofValue] = [checks.filter((rule) => rule.each), checks.filter((rule) => !rule.each)];
  const nested = rules.find((rule) => rule.type === 'nestedValidation');
  const isList = nested?.each === true || ofItems.length > 0 || ofValue.some((rule) => rule.name === 'isArray');
  const schema: JsonSchema = { ...designType(type, name), ...merged(ofValue), ...(isList && { type: 'array' }) };
  if (ofItems.length > 0) schema.items = merged(ofItems);
  if (byDefault !== undefined) schema.default = byDefault;
  return {
    required: asks && !isOptional && byDefault === undefined,
    schema,
    ...(nested && { nested: madeBy(type, name, isList) }),
  };
}

// Rules stand in the reverse order of their decorators.
function merged(rules: Rule[]): JsonSchema {
  const parts = rules.toReversed().map((rule) => {
    const keyword = keywords[rule.name ?? ''];
    if (!keyword) throw new Error(`the rule \`${rule.name}\` of \`${rule.propertyName}\` has no JSON Schema`);
    return keyword(rule.constraints ?? []);
  });
  return Object.assign({}, ...parts) as JsonSchema;
}

// class-transformer keeps its types to itself; so it is asked to make one value, and shows the class.
function madeBy(type: RuledClass, name: string, isList: boolean): RuledClass {
  const made: unknown = Reflect.get(plainToInstance(type, { [name]: isList ? [{}] : {} }), name);
  const value: unknown = Array.isArray(made) ? made[0] : made;
  const nested: unknown = value?.constructor;
  if (typeof nested !== 'function' || nested === Object)
    throw new Error(`\`${type.name}.${name}\` is validated as nested and has no @Type`);
  return nested as RuledClass;
}

function designType(type: RuledClass, name: string): JsonSchema {
  const design: unknown = Reflect.getMetadata('design:type', type.prototype as object, name);
  if (design === String) return { type: 'string' };
  if (design === Number) return { type: 'number' };
  return design === Boolean ? { type: 'boolean' } : {};
}

function typeOfValues(values: unknown): JsonSchema {
  const types = new Set(Array.isArray(values) ? values.map((value) => typeof value) : []);
  return types.size === 1 ? { type: [...types][0] } : {};
}

/**
 * The JSON Schemas of `types` and of every class inside them, by class name, referring to each other below `base`.
 *
 * Shape: objects are open, because readers drop what they do not know (`parseData` of @govbus/contracts).
 */
export function schemasOf(types: readonly RuledClass[], base = '#/components/schemas/'): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {};
  const add = (type: RuledClass): void => {
    if (type.name in schemas) return;
    const properties = propertiesOf(type);
    const required = [...properties].flatMap(([name, property]) => (property.required ? [name] : []));
    const entry: JsonSchema = { type: 'object', properties: {}, ...(required.length > 0 && { required }) };
    schemas[type.name] = entry;
    entry.properties = Object.fromEntries(
      [...properties].map(([name, { schema, nested }]) => {
        if (!nested) return [name, schema];
        add(nested);
        const $ref = base + nested.name;
        return [name, schema.type === 'array' ? { ...schema, items: { $ref } } : { $ref }];
      }),
    );
  };
  types.forEach(add);
  return schemas;
}
