"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
// The ledger again from Kafka, by the operator: docs/how-to/rebuild-the-ledger.md.
const node_util_1 = require("node:util");
const platform_1 = require("@govbus/platform");
const app_config_1 = require("./app.config");
const ledger_rebuild_1 = require("./ledger-rebuild/ledger-rebuild");
const ledger_rebuild_module_1 = require("./ledger-rebuild/ledger-rebuild.module");
const say = (text) => void process.stderr.write(`${text}\n`);
/** At most once a second: how far, how many a second. */
function progress() {
    const began = performance.now();
    let saidAt = began;
    return (done, total) => {
        const now = performance.now();
        if (now - saidAt < 1_000 && done < total)
            return;
        saidAt = now;
        say(`${done} of ${total} messages, ${Math.round((done * 1_000) / Math.max(now - began, 1))}/s`);
    };
}
function report({ inconsistent, ...counts }) {
    const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    say(`the ledger holds ${counted.join(', ')}`);
    if (inconsistent.length === 0)
        return say('positions are dense, and all counts agree');
    say(`not consistent: ${inconsistent.join(', ')}`);
    process.exitCode = 1;
}
async function main() {
    const { values } = (0, node_util_1.parseArgs)({ options: { wipe: { type: 'boolean' }, 'accept-loss': { type: 'boolean' } } });
    const app = await (0, platform_1.createApp)(ledger_rebuild_module_1.LedgerRebuildModule, (0, platform_1.loadConfig)(app_config_1.AppConfig), { kafka: false });
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'])
        process.once(signal, () => stop.abort(new Error('stopped; run it again without --wipe and it goes on')));
    try {
        const { wipe = false, 'accept-loss': acceptLoss = false } = values;
        report(await app.get(ledger_rebuild_1.LedgerRebuild).run({ wipe, acceptLoss, onProgress: progress(), signal: stop.signal }));
    }
    finally {
        await app.close();
    }
}
main().catch((error) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof platform_1.ConfigError ? 78 : 1;
});
//# sourceMappingURL=rebuild.js.map