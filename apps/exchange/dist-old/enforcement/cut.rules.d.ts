import type { Found } from '../delivery/disclosure';
/** What was read, with its first `records` records alone; what was cut off is behind where it now ends. */
export declare function cutTo(found: Found, records: number): Found;
//# sourceMappingURL=cut.rules.d.ts.map