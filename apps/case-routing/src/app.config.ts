import { IsDepartmentCode, IsSlug } from '@govbus/contracts';
import { ServiceConfig } from '@govbus/platform';
import { IsOptional, IsString, IsUrl } from 'class-validator';

export class AppConfig extends ServiceConfig {
  /** Where the exchange is, without a slash at the end. */
  @IsUrl({ require_tld: false }) EXCHANGE_URL: string;
  /** The system, and OAuth client, as which cases are drawn from the exchange. */
  @IsSlug() CASE_ROUTING_SYSTEM = 'case-routing';
  /** Private EC P-256 JWK of that system. */
  @IsString() CASE_ROUTING_KEY_FILE: string;
  /** Consumer department of the agreements; absent: the department of the system in the registry copy. */
  @IsOptional() @IsDepartmentCode() CASE_ROUTING_DEPARTMENT?: string;
  /** Purpose that an agreement must allow for its records to become cases. */
  @IsSlug() CASE_ROUTING_PURPOSE = 'case-handling';
}
