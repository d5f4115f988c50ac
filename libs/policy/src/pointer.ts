import { stepsOf, valueAt } from '@govbus/contracts';

/** A function that takes the value at a JSON pointer; undefined where there is none. */
export function compilePointer(pointer: string): (data: unknown) => unknown {
  const steps = stepsOf(pointer);
  return (data) => valueAt(data, steps);
}
