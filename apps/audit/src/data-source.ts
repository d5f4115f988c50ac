import { CreateLog1796000000000 } from './migrations/1796000000000-create-log';

export const entities = [];
export const migrations = [CreateLog1796000000000];
