// The packages that are published, and how: pnpm packs, since it fills in versions and addresses, and npm publishes, since it
// logs in as a trusted publisher.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The public packages, each after those that it depends on. */
export function publicPackages() {
  const manifests = ['packages', 'packages/families', 'packages/drop-ins']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name, 'package.json')))
    .filter((path) => existsSync(path))
    .map((path) => ({ folder: dirname(path), ...JSON.parse(readFileSync(path, 'utf8')) }))
    .filter((manifest) => !manifest.private);
  const sorted = new Map();
  const add = (manifest) => {
    const dependencies = Object.keys(manifest.dependencies ?? {});
    for (const name of dependencies) {
      const dependency = manifests.find((one) => one.name === name);
      if (dependency && !sorted.has(name)) add(dependency);
    }
    const { folder, name, version } = manifest;
    const short = name.split('/')[1];
    sorted.set(name, { folder, name, short, version, dependencies, tarball: `bsd-sockets-${short}-${version}.tgz` });
  };
  for (const manifest of manifests) if (!sorted.has(manifest.name)) add(manifest);
  return [...sorted.values()];
}

/** Packs packages into a folder. */
export function pack(packages, folder, [command, ...args], env = process.env) {
  const filter = packages.flatMap(({ name }) => ['--filter', name]);
  return run(command, [...args, '-r', ...filter, 'pack', '--pack-destination', folder], { cwd: root, env });
}

/** Publishes one packed package. */
export function publish(tarball, options) {
  return run('npm', ['publish', tarball, '--access', 'public'], options);
}
