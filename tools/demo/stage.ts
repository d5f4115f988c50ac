// The running system as the demo acts on it: callers with their credentials, and what must exist before the play.
import { writeFileSync } from 'node:fs';
import { Client, type Connection, readConnection } from '@govbus/cli';
import { codeOf } from './parties.ts';

const admin = 'govbus-admin';

export class Stage {
  readonly urls: Connection['urls'];
  readonly client: Client;
  readonly file: string;
  private readonly connection: Connection;

  constructor(file: string) {
    this.file = file;
    this.connection = readConnection({ file });
    this.urls = this.connection.urls;
    this.client = Client.of(this.connection);
  }

  async department(key: string, names: Record<string, string>): Promise<void> {
    const order = { departmentCode: codeOf(key), names };
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/departments`, order);
  }

  async system(systemId: string, departmentCode: string, scopes: string[]): Promise<void> {
    const order = { systemId, departmentCode, names: { en: systemId }, scopes };
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/systems`, order);
    await this.secret('systems', systemId);
  }

  async officer(officerId: string, departmentCode: string, roles: string[], scopes: string[]): Promise<void> {
    const order = { officerId, departmentCode, names: { en: officerId }, roles, scopes };
    await this.client.must(admin, 'POST', `${this.urls.departments}/v1/officers`, order);
    await this.secret('officers', officerId);
  }

  private async secret(noun: 'systems' | 'officers', id: string): Promise<void> {
    if (this.connection.secrets[id]) return;
    const url = `${this.urls.departments}/v1/${noun}/${id}/credentials`;
    const made = await this.client.must<{ clientSecret: string }>(admin, 'POST', url, { method: 'secret' });
    this.connection.secrets[id] = made.clientSecret;
    const { file: _file, ...kept } = this.connection;
    writeFileSync(this.file, JSON.stringify(kept, null, 2), { mode: 0o600 });
  }

  /** All items of a paged list. */
  async list<T>(id: string, url: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
      const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const page = await this.client.must<{ items: T[]; nextCursor?: string }>(
        id,
        'GET',
        `${url}${url.includes('?') ? '&' : '?'}limit=500${more}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }
}
