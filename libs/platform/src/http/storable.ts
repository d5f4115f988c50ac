import { asStep, type Fault, Invalid } from '@govbus/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Deepest nesting of a JSON body. */
export const maxBodyDepth = 64;

type Step = { value: unknown; depth: number; key: string; above?: Step };

/**
 * Refuses, before any handler, what the database cannot keep: NUL and lone surrogates in text, and bodies so deep that
 * whoever walks them runs out of stack.
 *
 * Errors: `Invalid` `request.invalid`, pointing at the place, without the value.
 */
export function refuseUnstorable(fastify: FastifyInstance): void {
  fastify.addHook('preValidation', ({ params, query, body }: FastifyRequest, _reply, done) => {
    const fault = faultIn(params) ?? faultIn(query) ?? faultIn(body);
    done(fault && new Invalid('request.invalid', 'the request breaks its rules', { faults: [fault] }));
  });
}

/** What cannot be kept in the parsed JSON, if anything; a body that is no object or list is its route's own matter. */
export function faultIn(input: unknown): Fault | undefined {
  // A list of its own, not the stack: the depth is the sender's choice.
  const left: Step[] = [{ value: input, depth: 0, key: '' }];
  for (let step = left.pop(); step; step = left.pop()) {
    const { value, depth } = step;
    if (typeof value === 'string' && depth > 0 && !isStorable(value))
      return {
        pointer: pointerOf(step),
        code: 'text.unstorable',
        detail: 'must hold no NUL and no half of a character',
      };
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    if (depth >= maxBodyDepth)
      return { pointer: '', code: 'body.too-deep', detail: `must have at most ${maxBodyDepth} levels` };
    for (const key in value) {
      const inner: unknown = (value as Record<string, unknown>)[key];
      if (!isStorable(key))
        return { pointer: pointerOf(step), code: 'text.unstorable', detail: 'has a name that is no text' };
      // Numbers are most of a large body, and nothing can be wrong with them.
      if (typeof inner === 'string' || typeof inner === 'object')
        left.push({ value: inner, depth: depth + 1, key, above: step });
    }
  }
  return undefined;
}

const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

function pointerOf({ key, above }: Step): string {
  if (!above) return '';
  return `${pointerOf(above)}/${asStep(key)}`;
}
