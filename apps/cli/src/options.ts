import { InvalidArgumentError } from 'commander';

/** Parses a whole number within bounds, both included. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export function uuid(text: string): string {
  if (!uuidPattern.test(text)) throw new InvalidArgumentError('It must be a UUID.');
  return text;
}

export function isoTime(text: string): string {
  if (!/^\d{4}-\d\d-\d\d(T.+)?$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It must be a time of ISO 8601, such as 2026-11-01 or 2026-11-01T08:00:00Z.');
  return text;
}
