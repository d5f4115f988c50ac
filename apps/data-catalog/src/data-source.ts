import { Agreement } from './agreements/agreement.entity';
import { Dataset, SchemaVersion } from './datasets/dataset.entity';
import { CreateCatalog1796000000000 } from './migrations/1796000000000-create-catalog';

export const entities = [Agreement, Dataset, SchemaVersion];
export const migrations = [CreateCatalog1796000000000];
