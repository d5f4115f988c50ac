import type { PrincipalStatus } from '@govbus/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Who is suspended, from the tables themselves: this service keeps no copy of what it owns. */
@Injectable()
export class OwnPrincipalStatus implements PrincipalStatus {
  constructor(private readonly db: DataSource) {}

  /** False only for a principal known to be suspended, itself or by its department. */
  async isActive(principalId: string): Promise<boolean> {
    const [row] = await this.db.query<{ active: boolean }[]>(
      `SELECT p.status = 'active' AND d.status = 'active' AS active
         FROM principals p JOIN departments d USING (department_code) WHERE p.principal_id = $1`,
      [principalId],
    );
    return row?.active ?? true;
  }
}
