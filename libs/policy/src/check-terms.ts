import { type Fault, type FieldV1, isWithin, type MaskV1, type TermsV1, uncounted } from '@govbus/contracts';
import { checkFilter, fieldsOf } from './row-filter';

/**
 * What is wrong with terms over a dataset with these fields; nothing when an agreement may be made of them.
 *
 * Shape: pointers into the terms. A sensitive field is only granted masked.
 */
export function checkTerms(terms: TermsV1, fields: FieldV1[]): Fault[] {
  const faults: Fault[] = [];
  const isKnown = (pointer: string): boolean => fields.some((field) => isWithin(pointer, field.pointer));
  const holdsKnown = (pointer: string): boolean => fields.some((field) => isWithin(field.pointer, pointer));
  terms.fields.forEach((pointer, i) => {
    if (!isKnown(pointer) && !holdsKnown(pointer))
      faults.push({ pointer: `/fields/${i}`, code: 'field.unknown', detail: 'the dataset has no such field' });
  });
  terms.masks.forEach((mask, i) => faults.push(...checkMask(mask, `/masks/${i}`, terms.fields)));
  for (const { pointer, classification } of fields) {
    // `/people/0/health` grants a part of `/people/health`.
    const place = uncounted(pointer);
    const isGranted = terms.fields
      .map(uncounted)
      .some((granted) => isWithin(place, granted) || isWithin(granted, place));
    const isMasked = terms.masks.some(({ field }) => isWithin(pointer, field));
    if (classification === 'sensitive' && isGranted && !isMasked)
      faults.push({ pointer: '/masks', code: 'mask.missing', detail: `the sensitive field ${pointer} needs a mask` });
  }
  if (terms.rowFilter) {
    const found = checkFilter(terms.rowFilter, '/rowFilter');
    const strange = found.length > 0 ? undefined : fieldsOf(terms.rowFilter).find((pointer) => !isKnown(pointer));
    if (strange)
      found.push({ pointer: '/rowFilter', code: 'field.unknown', detail: `the dataset has no field ${strange}` });
    faults.push(...found);
  }
  if (terms.area && !isKnown(terms.area.field))
    faults.push({ pointer: '/area/field', code: 'field.unknown', detail: 'the dataset has no such field' });
  if (Date.parse(terms.validTo) <= Date.parse(terms.validFrom))
    faults.push({ pointer: '/validTo', code: 'period.empty', detail: 'must lie after validFrom' });
  return faults;
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100;

function checkMask({ field, kind, params }: MaskV1, pointer: string, granted: string[]): Fault[] {
  if (!granted.some((above) => isWithin(field, above)))
    return [{ pointer: `${pointer}/field`, code: 'mask.useless', detail: 'must lie in a granted field' }];
  const { keepStart, keepEnd, decimals, keep } = params ?? {};
  const isSound: Record<string, boolean> = {
    redact: true,
    pseudonym: true,
    partial: [keepStart ?? 0, keepEnd ?? 0].every(isCount),
    generalise:
      decimals === undefined ? ['year', 'month', 'day'].includes(keep ?? '') : isCount(decimals) && decimals <= 10,
  };
  if (isSound[kind]) return [];
  return [{ pointer: `${pointer}/params`, code: 'mask.params', detail: `are not those of the mask ${kind}` }];
}
