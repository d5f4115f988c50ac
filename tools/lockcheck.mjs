// Every optional platform package of the tree must be in the lock file, or `npm ci` fails on another platform.
import fs from 'node:fs';

const packages = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')).packages;
const missing = {};
for (const [where, pkg] of Object.entries(packages))
  for (const name of Object.keys(pkg.optionalDependencies ?? {})) {
    let dir = where;
    while (dir && !packages[`${dir}/node_modules/${name}`])
      dir = dir.slice(0, Math.max(0, dir.lastIndexOf('/node_modules/')));
    if (!packages[`${dir && dir + '/'}node_modules/${name}`]) (missing[`${where}@${pkg.version}`] ??= []).push(name);
  }
const named = Object.values(packages).some((pkg) => pkg.resolved?.startsWith('http'));
if (named) missing['package-lock.json'] = ['resolved addresses: run npm install with omit-lockfile-registry-resolved'];
console.log(missing);
process.exitCode = Object.keys(missing).length ? 1 : 0;
