import { ApiProperty } from '@nestjs/swagger';
import { type JsonSchema, propertiesOf, type RuledClass, type RuledProperty } from './class-schema';

const propertyKey = 'swagger/apiModelProperties';
const listKey = 'swagger/apiModelPropertiesArray';

/**
 * Tells the OpenAPI library what the rules of `classes`, and of all classes inside them, say already: no property is
 * described twice. An explicit `@ApiProperty` wins where the rules say nothing.
 */
export function describeClasses(classes: unknown[]): void {
  const seen = new Set<unknown>([String, Number, Boolean, Object, Array, Promise, Function, Date]);
  const describe = (type: unknown): void => {
    if (!isClass(type) || seen.has(type)) return;
    seen.add(type);
    const prototype: object = type.prototype as object;
    for (const [name, property] of propertiesOf(type)) {
      describeProperty(prototype, name, property);
      describe(property.nested);
    }
    const names = (Reflect.getMetadata(listKey, prototype) ?? []) as string[];
    for (const name of names) describe(typeNamed(explicitOf(prototype, name.slice(1)).type));
  };
  classes.forEach(describe);
}

function describeProperty(prototype: object, name: string, { required, schema, nested }: RuledProperty): void {
  const explicit = explicitOf(prototype, name);
  const { items, type, ...bounds } = schema;
  const isList = type === 'array';
  let shape: JsonSchema = { ...(nested || isList ? bounds : schema) };
  if (nested) {
    // What stood in the place of the class says less than the class.
    Reflect.defineMetadata(propertyKey, {}, prototype, name);
    shape = { ...bounds, type: isList ? [nested] : nested };
  } else {
    if (isList) shape = { ...bounds, type: 'array', items: items ?? {} };
    else if (type === undefined) shape.type = 'object';
    if (typeof explicit.type === 'string' && explicit.type !== 'string')
      shape = { ...shape, ...withoutRequired(explicit) };
  }
  ApiProperty({ ...shape, required, selfRequired: required } as Parameters<typeof ApiProperty>[0])(prototype, name);
}

function withoutRequired({ required: _, selfRequired: __, isArray: ___, ...explicit }: JsonSchema): JsonSchema {
  return explicit;
}
const explicitOf = (prototype: object, name: string): JsonSchema =>
  (Reflect.getMetadata(propertyKey, prototype, name) ?? {}) as JsonSchema;

// `type: Class`, `[Class]` and `() => Class` are all written.
function typeNamed(type: unknown): unknown {
  if (Array.isArray(type)) return type[0];
  return typeof type === 'function' && !isClass(type) ? typeNamed((type as () => unknown)()) : type;
}
const isClass = (type: unknown): type is RuledClass =>
  typeof type === 'function' && /^class\b/.test(Function.prototype.toString.call(type));
