import { Type } from 'class-transformer';
import { IsArray, IsObject, Matches, registerDecorator, ValidateBy, ValidateNested } from 'class-validator';
import { pointerPattern } from './pointer';

/** Coarse rights at the route; fine rights are decided by Cedar (`libs/policy`). */
export const scopes = [
  'events:publish',
  'events:read',
  'catalog:read',
  'catalog:write',
  'agreements:request',
  'agreements:decide',
  'cases:report',
  'cases:dispatch',
  'cases:handle',
  'audit:read',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

export const principalKinds = ['system', 'officer'] as const;
export type PrincipalKind = (typeof principalKinds)[number];

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** The 18th character of a Unified Social Credit Code. Source: GB 32100-2015, section 4 and annex A. */
export function creditCodeCheck(first17: string): string {
  const sum = weights.reduce((total, weight, i) => total + weight * alphabet.indexOf(first17.charAt(i)), 0);
  return alphabet.charAt((31 - (sum % 31)) % 31);
}

/** Whether `code` is a well-formed Unified Social Credit Code (18 characters, check character right). */
export function isDepartmentCode(code: unknown): code is string {
  if (typeof code !== 'string' || !/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code)) return false;
  return creditCodeCheck(code.slice(0, 17)) === code.charAt(17);
}

/** A department's code: Unified Social Credit Code with its check character. */
export function IsDepartmentCode(): PropertyDecorator {
  return ValidateBy({
    name: 'isDepartmentCode',
    validator: {
      validate: isDepartmentCode,
      defaultMessage: (args) =>
        `${args?.property} must be a unified social credit code of 18 characters with a right check character`,
    },
  });
}

const slug = /^[a-z0-9][a-z0-9-]{1,62}$/;
/** A spoken key (`dataset`, `system`): 2 to 63 lower-case letters, digits and hyphens. */
export const isSlug = (value: unknown): value is string => typeof value === 'string' && slug.test(value);
/** A spoken key: 2 to 63 lower-case letters, digits and hyphens, not starting with a hyphen. */
export function IsSlug(each = false): PropertyDecorator {
  return Matches(slug, { each, message: '$property must be 2 to 63 lower-case letters, digits and hyphens' });
}

/** A JSON pointer below the root, such as `/address/street`. Source: RFC 6901. */
export function IsPointer(each = false): PropertyDecorator {
  return Matches(pointerPattern, { each, message: '$property must be a JSON pointer such as /address/street' });
}

/** Names by language tag (BCP 47), such as `{ "en": "Animals", "zh": "动物" }`; at least one, 200 characters each. */
export function IsNames(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isNames',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          Object.keys(value).length > 0 &&
          Object.entries(value).every(
            ([tag, name]) => /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(tag) && typeof name === 'string' && name.length <= 200,
          ),
        defaultMessage: (args) => `${args?.property} must be names by language tag, such as {"en": "Water"}`,
      },
    });
}

/** An object of its own class. `ValidateNested` alone passes over what is missing, null or an empty list. */
export function IsNested(type: () => new () => object): PropertyDecorator {
  return (target, propertyName) => {
    for (const decorate of [IsObject(), ValidateNested(), Type(type)]) decorate(target, propertyName);
  };
}

/** A list of objects of one class; `ValidateNested` alone passes over null among them. */
export function IsNestedList(type: () => new () => object): PropertyDecorator {
  return (target, propertyName) => {
    for (const decorate of [IsArray(), IsObject({ each: true }), ValidateNested({ each: true }), Type(type)])
      decorate(target, propertyName);
  };
}
