import { IsIn, IsInt, IsISO8601, IsOptional, IsString, IsUUID, MaxLength, Min } from 'class-validator';
import { defineEvent } from './contract';
import { IsDepartmentCode, IsSlug } from './identity';

/** How a use went beyond its agreement. `rate` and `volume` are the two limits of its terms. */
export const overScopeKinds = ['purpose', 'case', 'delivery-mode', 'period', 'area', 'rate', 'volume'] as const;
export type OverScopeKind = (typeof overScopeKinds)[number];

/** A consumer asked for more than its agreement allows. It was refused; at most one a minute for each kind. */
export class OverScopeDetectedV1 {
  @IsUUID() agreementId: string;
  /** The version of the agreement that was exceeded: what was decided after it is not touched. */
  @IsInt() @Min(1) agreementVersion: number;
  @IsSlug() datasetId: string;
  @IsDepartmentCode() consumerDepartment: string;
  @IsString() @MaxLength(100) principalId: string;
  @IsIn(overScopeKinds) kind: OverScopeKind;
  /** The limit that was reached: accesses a minute (`rate`) or records a day (`volume`). */
  @IsOptional() @IsInt() @Min(1) limit?: number;
  @IsISO8601({ strict: true }) seenAt: string;
}

export const OverScopeDetected = defineEvent<OverScopeDetectedV1>('exchange.over-scope-detected.v1', {
  topic: 'exchange.events',
  data: OverScopeDetectedV1,
  key: (d) => d.agreementId,
});
