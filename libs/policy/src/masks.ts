import { createHmac, createSecretKey } from 'node:crypto';
import type { MaskV1 } from '@govbus/contracts';

export type Mask = (value: unknown) => unknown;

/**
 * The mask as a function of the plain value. What it cannot make coarser it makes null: a mask never lets a value
 * through because it has an unexpected form.
 */
export function compileMask({ kind, params: given }: MaskV1, pseudonymKey: Buffer): Mask {
  const params = given ?? {};
  if (kind === 'redact') return () => null;
  if (kind === 'partial') return partial(params.keepStart ?? 0, params.keepEnd ?? 0);
  if (kind === 'pseudonym') return pseudonym(pseudonymKey);
  return generalise(params.decimals, params.keep);
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

// The stars are always three: their number would tell the length.
const partial = (keepStart: number, keepEnd: number): Mask => {
  return (value) => {
    const characters = [...(textOf(value) ?? '')];
    if (textOf(value) === undefined) return null;
    if (characters.length <= keepStart + keepEnd) return '***';
    const end = keepEnd === 0 ? [] : characters.slice(-keepEnd);
    return `${characters.slice(0, keepStart).join('')}***${end.join('')}`;
  };
};

// Same value, same pseudonym, within one agreement: the key is the agreement's own.
const pseudonym = (pseudonymKey: Buffer): Mask => {
  const key = createSecretKey(pseudonymKey);
  return (value) => {
    const text = textOf(value);
    return text === undefined ? null : createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
  };
};

const keptLength: Record<string, number> = { year: 4, month: 7, day: 10 };
const generalise = (decimals: number | undefined, keep: string | undefined): Mask => {
  const length = keptLength[keep ?? ''];
  return (value) => {
    if (decimals !== undefined) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) return null;
      const coarse = Number(number.toFixed(decimals));
      return typeof value === 'string' ? String(coarse) : coarse;
    }
    return length && typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, length) : null;
  };
};
