import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const undoings = new Set();

/** Runs `undo` when this process ends, whatever ends it; returns what takes that back. */
export function atExit(undo) {
  undoings.add(undo);
  return () => undoings.delete(undo);
}

/** A new folder that is removed when this process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes the signals that end a program end this one by way of its clean-up. */
export function stopEverythingAtExit() {
  process.on('exit', () => {
    for (const undo of undoings) undo();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
