import { isTime } from './rfc3339';

type Rule = { holds: (value: unknown) => boolean; code: string; detail: string };

const unsupported = (detail: string): Rule => ({ holds: () => false, code: 'unsupported', detail });
// Whoever cannot honour these for one event must refuse it (Data Classification, "Usage").
const classified = unsupported('is not honoured for one event: the catalog classifies the fields of its dataset');
const filled: Rule = { holds: (value) => value !== '', code: 'empty', detail: 'must not be empty' };
// As text in the modes that have attributes in headers.
const isTrue: Rule = {
  holds: (value) => value === true || value === 'true',
  code: 'deprecated',
  detail: 'must be true, or absent',
};
const time: Rule = {
  holds: (value) => typeof value === 'string' && isTime(value),
  code: 'time',
  detail: 'must be a time of RFC 3339',
};

const rules = new Map<string, Rule>([
  ['dataclassification', classified],
  ['dataregulation', classified],
  ['datacategory', classified],
  ['dataref', unsupported('is not followed: what it refers to must come as `data`')],
  ['correlationid', filled],
  ['causationid', filled],
  ['partitionkey', filled],
  ['sequence', filled],
  ['deprecated', isTrue],
  ['expirytime', time],
]);

/**
 * What is wrong with an extension; those without a rule here may hold what any attribute may.
 *
 * Source: the extensions that stand beside CloudEvents 1.0.2.
 */
export function extensionFault(name: string, value: unknown): { code: string; detail: string } | undefined {
  const rule = rules.get(name);
  return rule && !rule.holds(value) ? rule : undefined;
}
