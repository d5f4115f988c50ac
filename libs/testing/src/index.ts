export {
  answersTo,
  badRequests,
  type BadRequest,
  planted,
  type Refusal,
  refusalOf,
  type Surface,
} from './bad-requests';
export { createTestDatabase, type TestDatabase } from './database';
export { eventually } from './eventually';
export { type TestClaims, TestIssuer } from './issuer';
export { randomOf } from './random';
export { SpanCollector, type ToldSpan } from './span-collector';
