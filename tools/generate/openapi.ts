import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Document, root, type Service, services } from './workspace.ts';

const run = promisify(execFile);

/** The OpenAPI documents, as the services print them. */
export const openApiDocuments = (): Promise<Document[]> => Promise.all(services.map(printed));

async function printed(service: Service): Promise<Document> {
  const main = join(root, 'apps', service, 'dist/main.js');
  const { stdout } = await run(process.execPath, [main, '--openapi'], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return { path: `docs/reference/openapi/${service}.json`, text: stdout };
}
