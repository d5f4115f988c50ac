export { type ListCursor, readListCursor } from '@govbus/platform';
