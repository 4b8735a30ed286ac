import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../../../platform/db/database.ts';
import { insertChallenge, spendChallenge } from '../queries-authenticators.ts';

const lifeMillis = 120_000;

/** What a challenge is good for: one log-on or enrolment, in one browser. */
export type ChallengeUse = {
  /** Purpose and name of what it belongs to, e.g. `log-on <attempt>`. */
  readonly boundTo: string;
  /** SHA-256 (base64url) of a cookie of that browser. */
  readonly browser: string;
};

/** Makes a challenge (base64url, 256 random bits) that is good once, within two minutes. */
export async function issueChallenge(db: Database, use: ChallengeUse, now: number): Promise<string> {
  const challenge = randomBytes(32).toString('base64url');
  await db.query(insertChallenge({ ...use, challengeHash: hash(challenge) }, now, now + lifeMillis));
  return challenge;
}

/** Takes back the challenge that an answer names; false when it was none of this use, too old, or answered before. */
export function takeChallenge(db: Database, use: ChallengeUse, challenge: string, now: number): Promise<boolean> {
  return spendChallenge(db, { ...use, challengeHash: hash(challenge) }, now);
}

const hash = (challenge: string): Buffer => createHash('sha256').update(challenge).digest();
