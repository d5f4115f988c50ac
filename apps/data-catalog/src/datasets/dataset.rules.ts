import { Invalid } from '@govbus/contracts';

/** Only the case mapping and the retention can be cleared. Errors: `Invalid` `request.invalid`, pointing at each other `null`. */
export function refuseCleared(change: object): void {
  const faults = Object.entries(change)
    .filter(([name, value]) => value === null && name !== 'caseMapping' && name !== 'retentionDays')
    .map(([name]) => ({ pointer: `/${name}`, code: 'not-clearable', detail: 'cannot be cleared by null' }));
  if (faults.length > 0) throw new Invalid('request.invalid', 'the request breaks its rules', { faults });
}
