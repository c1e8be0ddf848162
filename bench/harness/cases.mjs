import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = new URL('../cases/', import.meta.url);

/**
 * @typedef {object} PeerCommand A program that speaks the protocol of `peer.mjs`; it runs in bench/peers.
 * @property {string[]} [command] The program and its arguments; `node` is the Node that runs the benchmark.
 * @property {string} [source] In place of a program: a C file of bench/peers, which is compiled first.
 * @property {string} [folder] Where it runs in place of bench/peers.
 *
 * @typedef {object} Case The default export of a file in bench/cases, or one of a list of them.
 * @property {string} name
 * @property {string} work One sentence that says what one operation is.
 * @property {string} unit What the operations are, in the plural.
 * @property {Record<string, PeerCommand>} peers `ours`, and by their names those that it is compared with.
 * @property {Record<string, number>} targets By the names of peers: the ratio that we may not exceed.
 * @property {Figure[]} [also] What the peers answer besides the time, in the order of their answers.
 * @property {boolean} [slow] Rounds and warm-up have to be longer: one operation takes long, or short rounds differ much.
 *
 * @typedef {object} Figure What a row of the table is about.
 * @property {string} name
 * @property {Record<string, number>} targets
 */

/**
 * What the peers of a case answer: the time, and what comes with it.
 *
 * @param {Case} subject
 * @returns {Figure[]}
 */
export function figuresOf({ name, targets, also = [] }) {
  return [{ name, targets }, ...also];
}

/** The peer that is ours over the packages of another checkout. */
export const BEFORE = 'before';

/**
 * The case with our own program in another checkout as a peer, if it is there.
 *
 * @param {Case} subject
 * @param {string} checkout
 * @returns {Case}
 */
export function withBefore(subject, checkout) {
  const { ours } = subject.peers;
  const folder = join(checkout, 'bench', 'peers');
  const isThere = ours.command.every((word) => !word.endsWith('.mjs') || existsSync(join(folder, word)));
  return isThere ? { ...subject, peers: { ...subject.peers, [BEFORE]: { ...ours, folder } } } : subject;
}

/** All cases, in the order of their files' names. */
export async function loadCases() {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.mjs')).sort();
  const modules = await Promise.all(files.map((file) => import(new URL(file, FOLDER).href)));
  return modules.flatMap((module) => module.default);
}
