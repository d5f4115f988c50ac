import { type DeliveryMode, DomainError, type OverScopeKind } from '@govbus/contracts';

/** A refusal because a use goes beyond its agreement. */
export type Beyond = { kind: OverScopeKind; code: string; reason: string; limit?: number };

const kinds: Record<string, OverScopeKind> = {
  'agreement.purpose': 'purpose',
  'agreement.case-required': 'case',
  'agreement.delivery-mode': 'delivery-mode',
  'agreement.not-started': 'period',
  'agreement.expired': 'period',
  'agreement.other-area': 'area',
  'agreement.rate': 'rate',
  'agreement.volume': 'volume',
};

/**
 * How an error says that an agreement was exceeded; undefined for every other one. A stranger's attempt and what comes
 * too late after a revocation are refused without an alarm: there is no agreement in force to be exceeded.
 */
export function beyondOf(error: unknown): Beyond | undefined {
  if (!(error instanceof DomainError)) return undefined;
  const { code, limit } = error.details.explanation ?? {};
  const kind = typeof code === 'string' ? kinds[code] : undefined;
  if (kind === undefined || typeof code !== 'string') return undefined;
  return { kind, code, reason: error.message, limit: typeof limit === 'number' ? limit : undefined };
}

/** Whether the refusal is worth an alarm. A stream or an export whose limits are used up exceeds nothing: it waits. */
export const isAlarming = ({ limit }: Beyond, mode: DeliveryMode): boolean => limit === undefined || isAskedFor(mode);

/** Whether a consumer asks for each page itself. What the bus sends by itself exceeds nothing: it waits. */
export const isAskedFor = (mode: DeliveryMode): boolean => mode === 'pull' || mode === 'query';
