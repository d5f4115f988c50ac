// What a generated JSON document must keep, as far as what is installed can tell.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { stepsOf, valueAt } from '@govbus/contracts';

type Json = { [key: string]: unknown };
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const verbs = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options', 'trace'];
// Keywords that OpenAPI 3.1 adds to JSON Schema (its section 4.8.24).
const openApiKeywords = ['example', 'discriminator', 'xml', 'externalDocs'];

/** Every fault of an OpenAPI 3.1 document; none when it is right. */
export function openApiFaults(document: unknown): string[] {
  if (!isObject(document) || !isObject(document.paths) || !isObject(document.info)) return ['is no OpenAPI document'];
  const faults: string[] = [...refFaults(document), ...schemaFaults(document)];
  if (!/^3\.1\.\d+$/.test(String(document.openapi))) faults.push(`says OpenAPI ${String(document.openapi)}, not 3.1`);
  const ids = new Map<string, string>();
  for (const [path, item] of Object.entries(document.paths))
    for (const verb of verbs) {
      const operation = isObject(item) ? item[verb] : undefined;
      if (!isObject(operation)) continue;
      const at = `${verb.toUpperCase()} ${path}`;
      const id = String(operation.operationId ?? '');
      if (!/^[a-z][A-Za-z0-9]*$/.test(id)) faults.push(`${at}: operationId \`${id}\` is no name`);
      if (ids.has(id)) faults.push(`${at}: operationId \`${id}\` is that of ${ids.get(id)} too`);
      ids.set(id, at);
      faults.push(...operationFaults(at, path, operation));
    }
  return faults;
}

function operationFaults(at: string, path: string, operation: Json): string[] {
  const faults: string[] = [];
  if (typeof operation.summary !== 'string' || operation.summary === '') faults.push(`${at}: no summary`);
  if (!Array.isArray(operation.security)) faults.push(`${at}: no security`);
  const parameters = Array.isArray(operation.parameters) ? operation.parameters.filter(isObject) : [];
  const inPath = new Set(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => String(name)));
  const named = new Set([...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ''));
  for (const name of inPath.symmetricDifference(named))
    faults.push(`${at}: path parameter \`${name}\` has no counterpart`);
  for (const { name, schema } of parameters)
    if (!isObject(schema)) faults.push(`${at}: parameter \`${String(name)}\` has no schema`);
  const responses = isObject(operation.responses) ? Object.entries(operation.responses) : [];
  if (!responses.some(([status]) => status.startsWith('2'))) faults.push(`${at}: no answer for success`);
  for (const [status, response] of responses) {
    if (!isObject(response) || typeof response.$ref === 'string') continue;
    if (typeof response.description !== 'string' || response.description === '')
      faults.push(`${at}: ${status} says nothing`);
    const isEmpty = status === '204' || path.endsWith('/revocation');
    if (status.startsWith('2') && !isEmpty && !isObject(response.content))
      faults.push(`${at}: ${status} has no schema`);
  }
  return faults;
}

/** Every `$ref` of a document that leads nowhere. */
export function refFaults(document: Json): string[] {
  const faults: string[] = [];
  for (const [at, value] of everywhere(document, '')) {
    if (typeof value.$ref !== 'string') continue;
    const { $ref } = value;
    const target = $ref.startsWith('#/') ? valueAt(document, stepsOf(decodeURIComponent($ref.slice(1)))) : undefined;
    if (target === undefined) faults.push(`${at}: \`${$ref}\` leads nowhere`);
  }
  return faults;
}

/** Every schema of a document that Ajv does not compile as JSON Schema 2020-12. */
export function schemaFaults(document: Json): string[] {
  const components =
    isObject(document.components) && isObject(document.components.schemas) ? document.components.schemas : {};
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('binary', true);
  openApiKeywords.forEach((keyword) => ajv.addKeyword(keyword));
  // Each of them under an address of its own, which the references are turned into.
  const addressed = (schema: object): object => {
    const text = JSON.stringify(schema).replaceAll(
      '"$ref":"#/components/schemas/',
      '"$ref":"https://document.invalid/',
    );
    return JSON.parse(text) as object;
  };
  for (const [name, schema] of Object.entries(components))
    if (isObject(schema)) ajv.addSchema(addressed(schema), `https://document.invalid/${name}`, false, false);
  const faults: string[] = [];
  for (const [at, schema] of schemasIn(document)) {
    try {
      ajv.compile(addressed(schema));
    } catch (error) {
      faults.push(`${at}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults;
}

// Schemas stand below `schema`, `schemas` and `payload`; what is inside one is compiled with it.
function schemasIn(value: unknown, at = ''): [string, object][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => schemasIn(item, `${at}/${index}`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]): [string, object][] => {
    const here = `${at}/${key}`;
    if ((key === 'schema' || key === 'payload') && isObject(member)) return [[here, member]];
    if (key === 'schemas' && at === '/components' && isObject(member))
      return Object.entries(member).flatMap(([name, schema]) =>
        isObject(schema) ? [[`${here}/${name}`, schema]] : [],
      );
    return schemasIn(member, here);
  });
}

function everywhere(value: unknown, at: string): [string, Json][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => everywhere(item, `${at}/${index}`));
  if (!isObject(value)) return [];
  return [[at, value], ...Object.entries(value).flatMap(([key, member]) => everywhere(member, `${at}/${key}`))];
}
