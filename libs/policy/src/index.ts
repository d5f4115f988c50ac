export { isAreaWithin, narrowArea } from './areas';
export { checkTerms } from './check-terms';
export { type Decision, Decisions, type Explanation } from './decisions';
export { compileLens, type Lens } from './lens';
