import { CreateLog1796000000000 } from './migrations/1796000000000-create-log';
import { GuardLog1796000001000 } from './migrations/1796000001000-guard-log';
import { IndexTraces1796000002000 } from './migrations/1796000002000-index-traces';
import { IndexEntitiesAndCases1796000003000 } from './migrations/1796000003000-index-entities-and-cases';

export const entities = [];
export const migrations = [
  CreateLog1796000000000,
  GuardLog1796000001000,
  IndexTraces1796000002000,
  IndexEntitiesAndCases1796000003000,
];
