import 'reflect-metadata';
import { Invalid } from '@govbus/contracts';
import { IsInt, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { maxNames, maxValues, RequestValidation } from './validation.pipe';

class Part {
  @IsInt() declare count: number;
}
class Order {
  @IsOptional() @IsObject() schema?: object;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Part) parts?: Part[];
}

const pipe = new RequestValidation();
const read = (body: unknown): Promise<unknown> => pipe.transform(body, { type: 'body', metatype: Order });
const refusalOf = (body: unknown): Promise<Invalid> =>
  read(body).then(
    () => Promise.reject(new Error('taken')),
    (error: Invalid) => error,
  );
const names = (count: number, value: unknown = 0): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, value]));
const partsOf = (count: number): object => ({ parts: Array.from({ length: count }, () => ({ count: 1 })) });

describe('RequestValidation', () => {
  it('takes as many names and values as it says', async () => {
    await expect(read({ schema: names(maxNames) })).resolves.toBeInstanceOf(Order);
    // A list and two values for each entry.
    await expect(read(partsOf((maxValues - 1) / 2 - 0.5))).resolves.toBeInstanceOf(Order);
  });

  it.each<[string, unknown]>([
    ['names of its own', names(maxNames + 1)],
    ['names of an object in it', { schema: names(maxNames + 1) }],
    ['entries', partsOf(maxValues / 2)],
    ['values of objects in objects', { schema: names(20, names(maxNames / 2)) }],
    ['names of a body that is all names', names(100_000)],
  ])('refuses too many %s before the rules are asked', async (_, body) =>
    expect((await refusalOf(body)).details.faults).toEqual([
      expect.objectContaining({ pointer: '', code: 'body.too-many' }) as object,
    ]),
  );

  it('tells the first hundred faults', async () => {
    const { faults } = (await refusalOf({ parts: Array.from({ length: 500 }, () => ({ count: 'x' })) })).details;
    expect(faults).toHaveLength(100);
    expect(faults?.[0]).toMatchObject({ pointer: '/parts/0/count', code: 'isInt' });
  });

  it.each([[[]], ['text'], [null], [5]])('refuses the body %j', async (body) =>
    expect((await refusalOf(body)).details.faults).toMatchObject([{ pointer: '', code: 'object' }]),
  );
});
