import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** What a check that succeeds has to tell: shown, and no reason not to be ready. */
export class Detail {
  constructor(readonly fields: Record<string, string | number | boolean>) {}
}

/** What must hold beyond database, issuer and Kafka for a process to do its work. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  readonly checks = new Map<string, () => Promise<unknown>>();

  /** `ask` rejects while the process is not ready for what `name` names; a `Detail` it resolves with is shown. */
  add(name: string, ask: () => Promise<unknown>): void {
    this.checks.set(name, ask);
  }

  // From the first moment of the end, so that whoever shares out requests sends them elsewhere.
  onModuleDestroy(): void {
    this.add('process', () => Promise.reject(new Error('stopping')));
  }
}
