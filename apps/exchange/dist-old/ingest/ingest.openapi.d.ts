import { type RouteDocument } from '@govbus/platform';
/** `POST /v1/events` in the OpenAPI document. */
export declare const ingestDocument: RouteDocument;
//# sourceMappingURL=ingest.openapi.d.ts.map