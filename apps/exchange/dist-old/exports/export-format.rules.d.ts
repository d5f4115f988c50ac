import type { DeliveredEvent } from '@govbus/contracts';
import type { ExportFormat } from './export-job.entity';
export declare const mediaTypes: Record<ExportFormat, string>;
export declare const columnsOf: (fields: readonly string[]) => string[];
/** What a file begins with. */
export declare function headOf(format: ExportFormat, fields: readonly string[]): string;
/** One record: in NDJSON its event as it is delivered elsewhere; in CSV the granted fields, one a column. */
export declare function lineOf(format: ExportFormat, fields: readonly string[], event: DeliveredEvent): string;
//# sourceMappingURL=export-format.rules.d.ts.map