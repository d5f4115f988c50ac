import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { Invalid, type Fault } from './errors';
import { asStep } from './pointer';

export type Topic =
  'departments.registry' | 'catalog.registry' | 'bus.events' | 'audit.entries' | 'cases.events' | 'exchange.events';

/** CloudEvents 1.0 in structured mode, with the extensions that tell what a message of govbus comes from. */
export type Envelope<T> = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  datacontenttype: 'application/json';
  data: T;
  traceparent?: string;
  correlationid?: string;
  causationid?: string;
};

/** What a producer and its consumers agree on: the type, its topic, the class of its data, and the message key. */
export type Contract<T extends object> = {
  type: string;
  topic: Topic;
  data: new () => T;
  key: (data: T) => string;
  /** Whole snapshots with a rising `version` (compacted topic), or facts. */
  kind: 'record' | 'event';
};

/** A fact: `<service>.<noun>-<past-verb>.v<n>`; kept by time, never compacted. */
export function defineEvent<T extends object>(type: string, contract: Omit<Contract<T>, 'type' | 'kind'>): Contract<T> {
  return { ...contract, type, kind: 'event' };
}

/** A snapshot: `<service>.<noun>.v<n>`; the whole state with a rising `version`, on a compacted topic. */
export function defineRecord<T extends object & { version: number }>(
  type: string,
  contract: Omit<Contract<T>, 'type' | 'kind'>,
): Contract<T> {
  return { ...contract, type, kind: 'record' };
}

/**
 * The message as the contract's envelope, its data an instance of the contract's class.
 *
 * Shape: takes a parsed JSON value; unknown fields are dropped, so a newer producer may add optional ones.
 * Errors: `Invalid` `message.invalid` with one fault for each wrong field (pointer and rule, never the value).
 */
export function parseMessage<T extends object>(contract: Contract<T>, message: unknown): Envelope<T> {
  const envelope = message as Envelope<unknown> | null;
  const isEnvelope =
    typeof envelope === 'object' &&
    envelope !== null &&
    envelope.specversion === '1.0' &&
    envelope.type === contract.type &&
    typeof envelope.id === 'string' &&
    envelope.id !== '' &&
    typeof envelope.source === 'string' &&
    typeof envelope.time === 'string';
  if (!isEnvelope) throw new Invalid('message.invalid', `not a CloudEvent of type \`${contract.type}\``);
  return { ...envelope, data: parseData(contract.data, envelope.data) };
}

/** An instance of `type` made from unknown input, or `Invalid` `message.invalid` naming each wrong field. */
export function parseData<T extends object>(type: new () => T, input: unknown): T {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new Invalid('message.invalid', `\`${type.name}\` must be an object`);
  const data = plainToInstance(type, input);
  const faults = faultsOf(validateSync(data, { whitelist: true }));
  if (faults.length > 0) throw new Invalid('message.invalid', `\`${type.name}\` breaks its contract`, { faults });
  return data;
}

/** Flat list of what class-validator found: pointer and rule, without the values. */
export function faultsOf(errors: ValidationError[], parent = ''): Fault[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${asStep(error.property)}`;
    const own = Object.entries(error.constraints ?? {}).map(([code, detail]) => ({ pointer, code, detail }));
    return [...own, ...faultsOf(error.children ?? [], pointer)];
  });
}
