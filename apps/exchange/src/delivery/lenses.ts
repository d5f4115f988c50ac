import { compileLens } from '@govbus/policy';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { Keys } from './keys';

export type Lens = ReturnType<typeof compileLens>;

/** The lens of each agreement, compiled once for each version. */
@Injectable()
export class Lenses {
  private readonly compiled = new LRUCache<string, Lens>({ max: 2_000 });

  constructor(private readonly keys: Keys) {}

  of(agreement: AgreementCopy): Lens {
    const key = `${agreement.agreementId}:${agreement.version}`;
    let lens = this.compiled.get(key);
    if (!lens) {
      lens = compileLens(agreement.terms, { pseudonymKey: this.keys.pseudonymKeyOf(agreement.agreementId) });
      this.compiled.set(key, lens);
    }
    return lens;
  }
}
