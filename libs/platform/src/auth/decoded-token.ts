import jwt from 'jsonwebtoken';

/**
 * Header and claims of a token that nobody has verified yet; undefined for what is none.
 *
 * `jsonwebtoken` throws for claims that are no JSON, if the header says `typ: JWT`, and answers null for other faults.
 */
export function decodedToken(token: string): jwt.Jwt | undefined {
  try {
    return jwt.decode(token, { complete: true }) ?? undefined;
  } catch {
    return undefined;
  }
}
