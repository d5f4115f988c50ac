import type { AgreementStatus } from '@govbus/contracts';

/**
 * The status of an agreement between a backup and what the topic holds, which is as new or newer. A stop stands, on
 * whichever side it is: who resumed after the backup does it again.
 */
export function agreementStatus(own: AgreementStatus, held: AgreementStatus): AgreementStatus {
  for (const stop of ['revoked', 'suspended'] as const) if (own === stop || held === stop) return stop;
  return held;
}

/** The status of an agreement that is not in the backup: it stops until an officer of the provider has looked at it. */
export const unknownAgreementStatus = (held: AgreementStatus): AgreementStatus =>
  held === 'in-force' ? 'suspended' : held;

/** What of a dataset stands between a backup and what the topic holds: a hold, too, since what it keeps could be removed. */
export const datasetStops = (
  own: { status: 'active' | 'retired'; legalHold: boolean },
  held: { status: 'active' | 'retired'; legalHold?: boolean },
): { status: 'active' | 'retired'; legalHold: boolean } => ({
  status: own.status === 'retired' ? 'retired' : held.status,
  legalHold: own.legalHold || held.legalHold === true,
});
