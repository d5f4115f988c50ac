import 'reflect-metadata';
import { IsDepartmentCode, IsNames, IsSlug } from '@govbus/contracts';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsPort,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { propertiesOf, schemasOf } from './class-schema';

class Wheel {
  @IsInt() @Min(1) @Max(64) inches: number;
}
class Vehicle {
  @IsUUID() id: string;
  @IsDepartmentCode() owner: string;
}
class Cart extends Vehicle {
  @IsNames() names: Record<string, string>;
  @IsIn(['new', 'old']) age: 'new' | 'old';
  @IsISO8601({ strict: true }) builtAt: string;
  @IsArray() @ArrayMaxSize(4) @ValidateNested({ each: true }) @Type(() => Wheel) wheels: Wheel[];
  @IsOptional() @ValidateNested() @Type(() => Wheel) spare?: Wheel;
  @IsOptional() @IsArray() @IsSlug(true) tags?: string[];
  @IsString() @MaxLength(9) colour = 'red';
  @Allow() load: unknown;
}
class Odd {
  @IsPort() port: string;
}

describe('propertiesOf', () => {
  const properties = propertiesOf(Cart);
  const schemaOf = (name: string) => properties.get(name)?.schema;

  it('says formats, bounds and enums', () => {
    expect(schemaOf('id')).toEqual({ type: 'string', format: 'uuid' });
    expect(schemaOf('age')).toEqual({ type: 'string', enum: ['new', 'old'] });
    expect(schemaOf('builtAt')).toEqual({ type: 'string', format: 'date-time' });
    expect(propertiesOf(Wheel).get('inches')?.schema).toEqual({ type: 'integer', minimum: 1, maximum: 64 });
    expect(schemaOf('tags')).toEqual({
      type: 'array',
      items: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{1,62}$' },
    });
  });

  it('finds the class of nested values and of items', () => {
    expect(properties.get('spare')).toEqual({ required: false, schema: {}, nested: Wheel });
    expect(properties.get('wheels')).toEqual({ required: true, schema: { type: 'array', maxItems: 4 }, nested: Wheel });
  });

  it('requires what has a rule, no default and is not optional; inherited properties too', () => {
    const required = [...properties].flatMap(([name, property]) => (property.required ? [name] : []));
    expect(required.sort()).toEqual(['age', 'builtAt', 'id', 'names', 'owner', 'wheels']);
    expect(schemaOf('colour')).toEqual({ type: 'string', maxLength: 9, default: 'red' });
  });

  it('refuses a rule that it knows no schema for', () => {
    expect(() => propertiesOf(Odd)).toThrow('`isPort` of `port`');
  });
});

describe('schemasOf', () => {
  it('names each class once and refers to it', () => {
    const schemas = schemasOf([Cart], '#/$defs/');
    expect(Object.keys(schemas).sort()).toEqual(['Cart', 'Wheel']);
    expect(schemas.Cart?.properties).toMatchObject({
      wheels: { type: 'array', maxItems: 4, items: { $ref: '#/$defs/Wheel' } },
      spare: { $ref: '#/$defs/Wheel' },
    });
  });
});
