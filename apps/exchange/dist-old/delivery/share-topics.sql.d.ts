import type { EntityManager } from 'typeorm';
/** Channel on which every process hears that a topic is to be made or removed. */
export declare const SHARE_TOPICS_CHANGED = "share-topics";
/** A topic is to be made for the subscription, once `tx` has committed. */
export declare function wantTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void>;
/** The subscription's topic is to be removed, if it has one, once `tx` has committed. */
export declare function unwantTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void>;
export declare function isTopicThere(subscriptionId: string, tx: EntityManager): Promise<boolean>;
/** Sending failed: the topic is looked for, and made again if it has gone. */
export declare function doubtTopic(subscriptionId: string, now: Date, tx: EntityManager): Promise<void>;
export type DueTopic = {
    subscriptionId: string;
    isWanted: boolean;
    attempts: number;
};
/** Takes topics that are to be made or removed; nobody else takes them before `until`. */
export declare function claimTopics(now: Date, until: Date, limit: number, tx: EntityManager): Promise<DueTopic[]>;
/** Answers those whose topic was given up meanwhile: it must not stay. */
export declare function noteCreated(subscriptionIds: string[], now: Date, tx: EntityManager): Promise<string[]>;
export declare function noteRemoved(subscriptionIds: string[], tx: EntityManager): Promise<void>;
export declare function postponeTopic(subscriptionId: string, until: Date, tx: EntityManager): Promise<void>;
//# sourceMappingURL=share-topics.sql.d.ts.map