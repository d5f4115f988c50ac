import { Agreement } from './agreements/agreement.entity';
import { Dataset, SchemaVersion } from './datasets/dataset.entity';
import { CreateCatalog1796000000000 } from './migrations/1796000000000-create-catalog';
import { CreateRetention1796000000050 } from './migrations/1796000000050-create-retention';

export const entities = [Agreement, Dataset, SchemaVersion];
export const migrations = [CreateCatalog1796000000000, CreateRetention1796000000050];
