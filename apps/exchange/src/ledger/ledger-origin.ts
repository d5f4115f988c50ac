import { Injectable } from '@nestjs/common';

/** Held by a rebuild for itself alone, and shared by each transaction that writes what comes in meanwhile. */
export const rebuildLock = 7_030_212;

/** Why events are written: because they were published, or again, by a rebuild of the ledger. */
@Injectable()
export class LedgerOrigin {
  readonly isRebuild: boolean = false;
}

export class RebuildOrigin extends LedgerOrigin {
  override readonly isRebuild = true;
}
