// Makes the keys and secrets of a deployment that are missing in a directory; what is there stays. Or takes one step in
// changing the issuer's key: adds one, puts the last one first, drops the last one.
//   node tools/keys-make.ts --dir DIR --origin LOG_NAME
//   node tools/keys-make.ts --dir DIR --issuer-key add|use|drop
import { parseArgs } from 'node:util';
import { changeIssuerKeys, isIssuerKeyStep, keysIn } from './up/keys.ts';

const { values } = parseArgs({
  options: { dir: { type: 'string' }, origin: { type: 'string' }, 'issuer-key': { type: 'string' } },
});
const { dir, origin, 'issuer-key': step } = values;
try {
  if (dir && origin && step === undefined) {
    const { logKey } = keysIn(dir, origin);
    console.log(`keys are in ${dir}; verifier key of the audit log: ${logKey}`);
  } else if (dir && !origin && isIssuerKeyStep(step)) {
    console.log(`issuer keys, the first signs: ${changeIssuerKeys(dir, step).join(', ')}; restart departments`);
  } else throw new Error('--dir is needed, and --origin (AUDIT_ORIGIN) or --issuer-key add, use or drop');
} catch (error) {
  console.error(`govbus: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
