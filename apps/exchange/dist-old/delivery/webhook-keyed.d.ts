import { DataSource } from 'typeorm';
import { type Turn, WebhookPages } from './webhook-pages';
/**
 * Delivers by record keys: each event in a request of its own, those of one key one after the other, those of several at
 * the same time. An event that fails is held and holds the later ones of its key; the cursor goes on.
 */
export declare class WebhookKeyed {
    private readonly db;
    private readonly pages;
    constructor(db: DataSource, pages: WebhookPages);
    /** One turn; false when there is nothing more to do now. */
    deliver(turn: Turn): Promise<boolean>;
    private deliverPage;
    private lanesIn;
    private sendLanes;
    private deliverHeld;
    private deliverOne;
    /** Sends one event of a page and notes what that means for what is behind it. */
    private send;
    private giveUp;
    private putAside;
    private isOver;
}
//# sourceMappingURL=webhook-keyed.d.ts.map