/** Where this library's few messages go: fields first, a short constant message second. */
export type Log = (level: 'info' | 'warn' | 'error', fields: object, message: string) => void;
