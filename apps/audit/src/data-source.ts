import { CreateLog1796000000000 } from './migrations/1796000000000-create-log';
import { GuardLog1796000001000 } from './migrations/1796000001000-guard-log';
import { IndexTraces1796000002000 } from './migrations/1796000002000-index-traces';
import { IndexEntitiesAndCases1796000003000 } from './migrations/1796000003000-index-entities-and-cases';
import { IndexOutcomes1796000004000 } from './migrations/1796000004000-index-outcomes';
import { OrderByTime1796000005000 } from './migrations/1796000005000-order-by-time';
import { DropOrderByPlace1796000006000 } from './migrations/1796000006000-drop-order-by-place';

export const entities = [];
export const migrations = [
  CreateLog1796000000000,
  GuardLog1796000001000,
  IndexTraces1796000002000,
  IndexEntitiesAndCases1796000003000,
  IndexOutcomes1796000004000,
  OrderByTime1796000005000,
  DropOrderByPlace1796000006000,
];
