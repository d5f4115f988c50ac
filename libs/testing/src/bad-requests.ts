import { randomUUID } from 'node:crypto';

/** Stands in every bad request and may stand in no answer. */
export const planted = 'planted-4711';
const mebibyte = 1024 * 1024;

/** A request that must be refused, and how. */
export type BadRequest = {
  name: string;
  status: number;
  code: string;
  /** Most of these are refused before anybody is known: their answers may wait for each other. */
  isOfStranger?: boolean;
  /** What to inject; a token comes with it unless the case is about tokens. */
  request: () => Promise<{
    method: 'GET' | 'POST' | 'PUT' | 'OPTIONS';
    url: string;
    headers: Record<string, string>;
    payload?: string;
  }>;
};

/** What a service offers to be refused on. */
export type Surface = {
  /** A good token; `more` overrides its claims. */
  token: (more?: object) => Promise<string>;
  /** A route that takes a JSON object with rules. */
  write: { method: 'POST' | 'PUT'; url: string };
  /** Lists paged by a cursor. */
  lists: string[];
  /** Addresses that end with a UUID. */
  byUuid: string[];
  /** Addresses that end with a key that is no UUID. */
  byKey: string[];
};

/**
 * What every service must refuse alike, whatever it is about: broken bodies, tokens, cursors and ids.
 *
 * Shape: each answer must be a problem with this status and code, without `planted`.
 */
export function badRequests({ token, write, lists, byUuid, byKey }: Surface): BadRequest[] {
  const json = { 'content-type': 'application/json' };
  const authorized = async (more?: object) => ({ authorization: `Bearer ${await token(more)}` });
  const body = (
    name: string,
    status: number,
    code: string,
    payload: string,
    headers: Record<string, string> = json,
  ): BadRequest => ({
    name,
    status,
    code,
    isOfStranger: true,
    request: async () => ({ ...write, headers: { ...(await authorized()), ...headers }, payload }),
  });
  const get = (name: string, status: number, code: string, url: string): BadRequest => ({
    name: `${name}: ${url}`,
    status,
    code,
    request: async () => ({ method: 'GET', url, headers: await authorized() }),
  });
  const withToken = (
    name: string,
    status: number,
    code: string,
    authorization: () => Promise<string | undefined>,
  ): BadRequest => ({
    name,
    status,
    code,
    isOfStranger: true,
    request: async () => {
      const header = await authorization();
      const headers = { ...json, ...(header !== undefined && { authorization: header }) };
      return { ...write, headers, payload: JSON.stringify({ planted }) };
    },
  });
  const claims = (more: object) => async () => `Bearer ${await token(more)}`;
  const now = Math.floor(Date.now() / 1000);
  return [
    body('malformed JSON', 400, 'body.malformed', `{"a": ${planted}`),
    body('a prototype in JSON', 400, 'body.malformed', `{"__proto__": {"a": "${planted}"}}`),
    body('an empty body', 400, 'body.malformed', ''),
    body('another content type', 415, 'media-type.unsupported', `<a>${planted}</a>`, { 'content-type': 'text/xml' }),
    body('a large body', 413, 'body.too-large', JSON.stringify({ a: planted.padEnd(mebibyte, 'x') })),
    ...['[]', 'null', '5', `"${planted}"`, `[{"a":"${planted}"}]`].map((text) =>
      body(`the body ${text}`, 400, 'request.invalid', text),
    ),
    body('unknown fields', 400, 'request.invalid', JSON.stringify({ surplus: planted })),
    body('NUL in text', 400, 'request.invalid', JSON.stringify({ a: { b: `${planted}\0` } })),
    body('half of a character', 400, 'request.invalid', `{"a": ["${planted}\\ud83d"]}`),
    body('a body too deep for the stack', 400, 'request.invalid', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
    withToken('no token', 401, 'token.missing', () => Promise.resolve(undefined)),
    withToken('another scheme', 401, 'token.missing', () => Promise.resolve(`Basic ${planted}`)),
    withToken('no token at all in the header', 401, 'token.invalid', () => Promise.resolve(`Bearer ${planted}`)),
    withToken('a changed token', 401, 'token.invalid', async () => `Bearer ${(await token()).slice(0, -8)}AAAAAAAA`),
    withToken('an unsigned token', 401, 'token.invalid', async () => `Bearer ${unsigned(await token())}`),
    withToken('an expired token', 401, 'token.expired', claims({ iat: now - 900, exp: now - 300 })),
    withToken('a token for another audience', 401, 'token.audience', claims({ aud: planted })),
    withToken('a token of another issuer', 401, 'token.invalid', claims({ iss: `https://${planted}.test` })),
    withToken('a token without a department', 401, 'token.invalid', claims({ department: '' })),
    withToken('a token without the scope', 403, 'scope.missing', claims({ scope: planted })),
    ...lists.flatMap((url) => [
      ...badCursors.map((cursor) => get('a bad cursor', 400, 'cursor.invalid', `${url}?cursor=${cursor}`)),
      ...['limit=0', 'limit=501', 'limit=1.5', `limit=${planted}`, `surplus=${planted}`, 'cursor=a&cursor=b'].map(
        (query) => get('a bad query', 400, 'request.invalid', `${url}?${query}`),
      ),
    ]),
    ...byUuid.flatMap((url) => [
      get('no UUID', 400, 'request.invalid', `${url}/${planted}`),
      get('a long UUID', 400, 'request.invalid', `${url}/${randomUUID()}0`),
      get(
        'a part of the path beyond what the router reads',
        400,
        'request.invalid',
        `${url}/${planted.padEnd(200, 'x')}`,
      ),
    ]),
    ...byKey.map((url) => get('NUL in the path', 400, 'request.invalid', `${url}/${planted}%00`)),
    ...[...byUuid, ...byKey].map((url) => get('a broken escape', 400, 'request.invalid', `${url}/%zz${planted}`)),
    get('an unknown address', 404, 'route.unknown', `/v1/${planted}`),
    ...[...new Set([write.url, ...lists])].map((url) => ({
      name: `a method that the address does not have: ${url}`,
      status: 405,
      code: 'method.not-allowed',
      request: () => Promise.resolve({ method: 'OPTIONS' as const, url: `${url}?${planted}`, headers: {} }),
    })),
  ];
}

type Request = Awaited<ReturnType<BadRequest['request']>>;
type Response = { statusCode: number; headers: Record<string, unknown>; body: string };
/** What an answer is like; `isSilent`: it repeats nothing of what was sent. */
export type Refusal = { status: number; code: unknown; type: string; isSilent: boolean };

/** What the answer to a bad request must be like. */
export const refusalOf = ({ status, code }: BadRequest): Refusal => {
  return { status, code, type: 'application/problem+json', isSilent: true };
};

/**
 * Sends each when its answer is wanted, but those of strangers at once with the first of them: a service that is asked
 * again and again by nobody it knows takes its time, which is the same for all.
 */
export function answersTo(
  requests: BadRequest[],
  inject: (request: Request) => Promise<Response>,
): (request: BadRequest) => Promise<Refusal> {
  const send = async ({ request }: BadRequest): Promise<Refusal> => {
    const { statusCode: status, headers, body } = await inject(await request());
    const [type = ''] = String(headers['content-type']).split(';');
    return { status, code: (JSON.parse(body) as { code: unknown }).code, type, isSilent: !body.includes(planted) };
  };
  const strangers = requests.filter(({ isOfStranger }) => isOfStranger);
  let sent: Map<BadRequest, Promise<Refusal>> | undefined;
  return (request) => {
    if (!strangers.includes(request)) return send(request);
    sent ??= new Map(strangers.map((one) => [one, send(one)]));
    return sent.get(request) ?? send(request);
  };
}

const cursorOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const badCursors = [
  planted,
  cursorOf(planted),
  cursorOf([]),
  cursorOf([{ planted }]),
  cursorOf([null]),
  cursorOf(['a\0']),
  cursorOf([1, 2, 3, 4]),
];

// The same claims under `alg` `none`, which no verifier may take.
function unsigned(token: string): string {
  const [header = '', claims = ''] = token.split('.');
  const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  return `${Buffer.from(JSON.stringify({ ...parsed, alg: 'none' })).toString('base64url')}.${claims}.`;
}
