import { Forbidden } from '@govbus/contracts';
import { type Caller, Principals } from '@govbus/platform';
import { Decisions } from '@govbus/policy';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Datasets, type KnownDataset } from '../datasets/datasets';

type Decision = ReturnType<Decisions['canPublish']>;

/**
 * Who may publish what, remembered: a decision by Cedar costs more than all the rest of the ingest.
 * INVARIANT: any change of a principal, a department or a dataset forgets every decision.
 */
@Injectable()
export class PublishDecisions implements OnModuleInit {
  private readonly remembered = new LRUCache<string, Decision>({ max: 50_000 });

  constructor(
    private readonly decisions: Decisions,
    private readonly principals: Principals,
    private readonly datasets: Datasets,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.decisions.warmUp();
    this.principals.onChange(() => this.remembered.clear());
    this.datasets.onChange(() => this.remembered.clear());
  }

  /** `Forbidden` `decision.denied` with the explanation unless the caller may publish to the dataset. */
  require(caller: Caller, dataset: KnownDataset): void {
    const key = `${caller.id}|${caller.department}|${dataset.copy.datasetId}|${dataset.copy.version}`;
    let decision = this.remembered.get(key);
    if (!decision) {
      decision = this.decide(caller, dataset);
      this.remembered.set(key, decision);
    }
    if (!decision.allowed)
      throw new Forbidden('decision.denied', decision.explanation.detail, { explanation: { ...decision.explanation } });
  }

  private decide(caller: Caller, { copy }: KnownDataset): Decision {
    const { datasetId, responsibleDepartment, publishers, status } = copy;
    // A principal that the registry copy does not hold yet stands as its token says: the issuer checked it a moment ago.
    const department = this.principals.get(caller.id)?.departmentCode ?? caller.department;
    const isActive = this.principals.isActive(caller.id);
    return this.decisions.canPublish({
      system: { id: caller.id, department, status: isActive ? 'active' : 'suspended' },
      dataset: { datasetId, responsibleDepartment, publishers, status },
    });
  }
}
