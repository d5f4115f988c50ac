import type { SchemaVersionV1 } from '@govbus/contracts';
/** Copy of what the exchange needs of a dataset of the data-catalog, kept by the topic `catalog.registry`. */
export declare class DatasetCopy {
    datasetId: string;
    responsibleDepartment: string;
    publishers: string[];
    keyPointer: string;
    dataSubjectPointer: string | null;
    schemas: SchemaVersionV1[];
    retentionDays: number | null;
    legalHold: boolean;
    status: 'active' | 'retired';
    version: number;
}
//# sourceMappingURL=dataset.entity.d.ts.map