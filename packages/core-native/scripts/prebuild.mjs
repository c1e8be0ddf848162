// Copies the addon that was built to where the published package has it, for this platform.
import { copyFileSync, mkdirSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const folder = new URL(`prebuilds/${process.platform}-${process.arch}/`, root);
mkdirSync(folder, { recursive: true });
copyFileSync(new URL('build/Release/core_native.node', root), new URL('core_native.node', folder));
