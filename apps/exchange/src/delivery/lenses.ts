import { compileLens, narrowArea } from '@govbus/policy';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AgreementCopy } from '../agreements/agreement.entity';
import { Keys } from './keys';

export type Lens = ReturnType<typeof compileLens>;

/** The lens of each agreement, compiled once for each version, and for each area that it is narrowed to. */
@Injectable()
export class Lenses {
  private readonly compiled = new LRUCache<string, Lens>({ max: 2_000 });

  constructor(private readonly keys: Keys) {}

  of(agreement: AgreementCopy, areaCode?: string): Lens {
    const key = `${agreement.agreementId}:${agreement.version}:${areaCode ?? ''}`;
    let lens = this.compiled.get(key);
    if (!lens) {
      const terms = areaCode === undefined ? agreement.terms : narrowArea(agreement.terms, areaCode);
      lens = compileLens(terms, { pseudonymKey: this.keys.pseudonymKeyOf(agreement.agreementId) });
      this.compiled.set(key, lens);
    }
    return lens;
  }
}
