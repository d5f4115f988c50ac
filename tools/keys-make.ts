// Makes the keys and secrets of a deployment that are missing in a directory; what is there stays.
//   node tools/keys-make.ts --dir DIR --origin LOG_NAME
import { parseArgs } from 'node:util';
import { keysIn } from './up/keys.ts';

const { values } = parseArgs({ options: { dir: { type: 'string' }, origin: { type: 'string' } } });
if (values.dir && values.origin) {
  const { logKey } = keysIn(values.dir, values.origin);
  console.log(`keys are in ${values.dir}; verifier key of the audit log: ${logKey}`);
} else {
  console.error('govbus: --dir and --origin are needed: where the keys are, and AUDIT_ORIGIN');
  process.exitCode = 1;
}
