import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PrincipalStatus } from '../auth/token-verifier';
import { Changes } from '../changes';
import { LOGGER, type Logger } from '../logger';
import { DepartmentCopy, PrincipalCopy } from './registry.entities';

/** Channel on which every process hears that a department or principal changed. */
export const REGISTRY_CHANGED = 'registry';

/** Who is who, in memory: every request asks. Follows the registry within the time of one notification. */
@Injectable()
export class Principals implements PrincipalStatus, OnModuleInit, OnApplicationShutdown {
  private readonly principals = new Map<string, PrincipalCopy>();
  private readonly departments = new Map<string, DepartmentCopy>();
  private readonly listeners: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly db: DataSource,
    private readonly changes: Changes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const follow = (what?: string): Promise<void> => this.untilLoaded(what);
    // Listening comes first: a change between the two must not be missed.
    await this.changes.on(REGISTRY_CHANGED, follow, follow);
    await this.load();
  }

  /** Undefined when the registry has not told of it. */
  get(principalId: string): PrincipalCopy | undefined {
    return this.principals.get(principalId);
  }

  /** Undefined when the registry has not told of it. */
  department(departmentCode: string): DepartmentCopy | undefined {
    return this.departments.get(departmentCode);
  }

  /** False only for a principal known to be suspended, itself or by its department. */
  isActive(principalId: string): boolean {
    const principal = this.principals.get(principalId);
    if (!principal) return true;
    return principal.status === 'active' && this.departments.get(principal.departmentCode)?.status !== 'suspended';
  }

  /** Called after each change. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  onApplicationShutdown(): void {
    this.stopped = true;
  }

  // A change that is heard and not read would leave a suspended principal active (P5).
  private async untilLoaded(what?: string): Promise<void> {
    for (let wait = 100; !this.stopped; wait = Math.min(wait * 2, 5_000)) {
      try {
        return await this.load(what);
      } catch (err) {
        this.logger.warn({ err, what }, 'registry copy not reloaded yet');
        await pause(wait);
      }
    }
  }

  private async load(what?: string): Promise<void> {
    const [noun, id] = what?.split(':') ?? [];
    if (noun !== 'principal')
      for (const row of await this.db.manager.findBy(DepartmentCopy, id ? { departmentCode: id } : {}))
        setNewest(this.departments, row.departmentCode, row);
    if (noun !== 'department')
      for (const row of await this.db.manager.findBy(PrincipalCopy, id ? { principalId: id } : {}))
        setNewest(this.principals, row.principalId, row);
    for (const listener of this.listeners) listener();
  }
}

// Two answers of the database may overtake each other.
function setNewest<T extends { version: number }>(known: Map<string, T>, id: string, row: T): void {
  if ((known.get(id)?.version ?? 0) <= row.version) known.set(id, row);
}
