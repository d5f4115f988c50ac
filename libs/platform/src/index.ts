export { Announced } from './announced';
export { actorOf, Audit, type NewAuditEntry, serviceActor } from './audit';
export { BearerGuard, scopeMissing } from './auth/bearer.guard';
export { AnyCaller, type Caller, callerOf, CurrentCaller, Public, Scopes, setCaller } from './auth/caller';
export { decodedToken } from './auth/decoded-token';
export { PRINCIPAL_STATUS, type PrincipalStatus, TokenVerifier } from './auth/token-verifier';
export { Changes } from './changes';
export { Clock, FixedClock, SharedClock } from './clock';
export { ConfigError, loadConfig, readKeyFile, readSecretFile, ServiceConfig } from './config';
export { asOnlyOne, keepNewest, lockOrFail } from './database';
export { assertIfMatch, etagOf } from './http/etag';
export { GetOnly } from './http/get-only';
export { Idempotent, routeOf } from './http/idempotency';
export { idempotencyKeyOf, IdempotencyKeys, type KeptAnswer, type KeyedRequest } from './http/idempotency-keys';
export { type ListCursor, type Page, pageOf, PageQuery, readCursor, readListCursor } from './http/paging';
export { EdgeError, type Problem, type ProblemDocument, problemOf } from './http/problem';
export { untraced } from './http/traced-requests';
export { createLogger, type Logger, LOGGER, logFunction } from './logger';
export { openApiOf } from './openapi';
export { type JsonSchema, propertiesOf, type RuledClass, type RuledProperty, schemasOf } from './openapi/class-schema';
export { problemsOf, type ProblemStatus } from './openapi/problem-schema';
export { DescribesRoutes, type RouteDocument } from './openapi/route-document';
export { Cell, Distribution, Metric } from './metrics/metric';
export { Metrics } from './metrics/metrics';
export { PlatformModule, type PlatformOptions } from './platform.module';
export { Principals, REGISTRY_CHANGED } from './registry/principals';
export { DepartmentConsumer, PrincipalConsumer } from './registry/registry.consumers';
export { DepartmentCopy, PrincipalCopy, registryMigrations } from './registry/registry.entities';
export { startRestore } from './restore-command';
export {
  type NounRestore,
  type OwnedNoun,
  type Restored,
  type RestoredChange,
  RestoredRegistry,
  restoreOf,
} from './restored-registry';
export { Detail, Readiness } from './service/readiness';
export { KafkaUse } from './service-name';
export { createApp, type RootModule, startService } from './start-service';
export { subjectHash } from './subject-hash';
export { onGone } from './http/stalled-answers';
export { Turns } from './turns';
