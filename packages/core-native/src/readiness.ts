import { setImmediate } from 'node:timers';
import { osError } from './errors';
import { native } from './native';

/** What waits for a descriptor. */
export interface Watcher {
  /** Given by `watch`. An event of an earlier one is for a descriptor that is closed. */
  generation: number;
  /**
   * @param readable - A receive may succeed now.
   * @param writable - A send may succeed now.
   * @param lasting - The peer has hung up, there is an error or urgent data: no event will tell so again.
   */
  wake(readable: boolean, writable: boolean, lasting: boolean): void;
}

/** What waits for a descriptor beside its watcher, or where there is none. */
export interface Observer {
  /** The descriptor may have become ready. It must not throw, and must not call code of users. */
  stir(): void;
  /** The descriptor is about to be closed or given away. */
  abandon(): void;
}

// The layout of `struct ReadyBlock` (readiness.h), and its bits.
const WAITING = 0;
const REFERENCED = 1;
const COUNT = 2;
const EVENTS = 3;
const EVENT_SIZE = 3;
const MOST_EVENTS = 1024;
const READABLE = 1;
const WRITABLE = 2;
const LASTING = 4;

const shared = new Int32Array(EVENTS + EVENT_SIZE * MOST_EVENTS);

/**
 * The uv_poll_init of Bun and that of Deno end the process, so that a thread watches the set there. The environment variable
 * has Node try the same.
 */
const BY_THREAD = Boolean(
  process.versions.bun || process.versions.deno || process.env.BSD_SOCKETS_READINESS === 'thread',
);

/** How many operations may end without a wait, well or badly, before timers and others have their turn. */
const BUDGET = 64;

/** By descriptor. */
const watchers: (Watcher | undefined)[] = [];
let lastGeneration = 0;
/** By descriptor. */
const observers = new Map<number, Set<Observer>>();

/** The number of the set in the addon; 0 before it is opened. */
let set = 0;
let delivering = false;
let budget = BUDGET;
let postponed: (() => void)[] = [];

/** The turn is over in which a thread has told of events: it may look again. */
function acknowledge(): void {
  native.acknowledgeReadiness(set);
}

function deliver(): void {
  if (BY_THREAD) setImmediate(acknowledge);
  const count = shared[COUNT] as number;
  // Each event pays for one further operation: mostly it is the answer.
  budget = BUDGET + count;
  delivering = true;
  try {
    for (let index = EVENTS; index < EVENTS + EVENT_SIZE * count; index += EVENT_SIZE) {
      const fd = shared[index] as number;
      if (observers.size > 0) for (const observer of observers.get(fd) ?? []) observer.stir();
      const watcher = watchers[fd];
      if (watcher === undefined || watcher.generation !== shared[index + 1]) continue;
      const ready = shared[index + 2] as number;
      watcher.wake((ready & READABLE) !== 0, (ready & WRITABLE) !== 0, (ready & LASTING) !== 0);
    }
  } finally {
    delivering = false;
  }
}

/** How many have a watcher, or observers: as long as some do, this realm is not to be forgotten. */
let members = 0;

function join(): void {
  if (members++ === 0) native.realms!.held.add(deliver);
}

function leave(): void {
  if (--members === 0) native.realms!.held.delete(deliver);
}

function open(): void {
  const result = native.openReadiness(deliver, shared, Number(BY_THREAD));
  if (result === -native.errnos.ENOSYS!) {
    const hint = 'promises cannot wait on this platform; blocking sockets work';
    throw osError(result, { syscall: 'readiness', hint });
  }
  if (result < 0) throw osError(result, { syscall: 'readiness' });
  set = result;
  native.realms ??= {
    held: new Set(),
    forgotten: new FinalizationRegistry((number) => native.closeReadiness(number)),
  };
  native.realms.forgotten.register(shared, set);
  if (shared[WAITING]! > 0) native.keepAlive(set, 1);
}

function add(fd: number, generation: number): void {
  if (set === 0) open();
  const result = native.watch(set, fd, generation);
  if (result < 0) throw osError(result, { syscall: 'readiness' });
}

function nextGeneration(): number {
  lastGeneration = (lastGeneration + 1) | 0;
  return lastGeneration;
}

function runPostponed(): void {
  const actions = postponed;
  postponed = [];
  budget = BUDGET;
  for (const action of actions) action();
}

/**
 * The descriptors of this thread that promises wait for: one set of the kernel's, whose events come in batches, one call
 * for all descriptors that became ready.
 *
 * Source: epoll(7)
 */
export const readiness = {
  /**
   * Adds a descriptor: its watcher is woken for what is ready now, and after that once for each change.
   *
   * @param fd - The descriptor, which is not in the set.
   * @param watcher - Whom to wake. It must not throw, and must not call code of users.
   * @throws {@link OSError}: ENOSYS where the platform has no event set; ENOSPC or ENOMEM.
   */
  watch(fd: number, watcher: Watcher): void {
    const generation = nextGeneration();
    add(fd, generation);
    watcher.generation = generation;
    watchers[fd] = watcher;
    join();
  },

  /**
   * Takes a descriptor away, before it is closed.
   *
   * @param fd - The descriptor.
   */
  unwatch(fd: number): void {
    watchers[fd] = undefined;
    native.unwatch(set, fd);
    leave();
  },

  /**
   * Adds an observer to a descriptor, which may have a watcher and others: it is stirred for what is ready now, and after
   * that for each change; now and then in vain.
   *
   * @param fd - The descriptor.
   * @param observer - Whom to stir.
   * @throws {@link OSError}, as {@link watch}; EPERM for a file that is always ready.
   */
  observe(fd: number, observer: Observer): void {
    const others = observers.get(fd);
    if (others?.has(observer)) return;
    add(fd, watchers[fd]?.generation ?? nextGeneration());
    if (others) {
      others.add(observer);
    } else {
      observers.set(fd, new Set([observer]));
      join();
    }
  },

  /**
   * Takes an observer away.
   *
   * @param fd - The descriptor.
   * @param observer - What observes it; otherwise nothing is done.
   */
  unobserve(fd: number, observer: Observer): void {
    const others = observers.get(fd);
    if (!others?.delete(observer) || others.size > 0) return;
    observers.delete(fd);
    if (watchers[fd] === undefined) native.unwatch(set, fd);
    leave();
  },

  /**
   * Tells the observers of a descriptor that it is about to be closed or given away.
   *
   * @param fd - The descriptor.
   */
  abandon(fd: number): void {
    if (observers.size > 0) for (const observer of [...(observers.get(fd) ?? [])]) observer.abandon();
  },

  /** Counts one more operation that waits for a descriptor: the process stays alive for it. */
  begin(): void {
    if (shared[WAITING]!++ === 0 && shared[REFERENCED] === 0 && set > 0) native.keepAlive(set, 1);
  },

  /** Counts one fewer. */
  end(): void {
    if (--shared[WAITING]! === 0 && shared[REFERENCED] === 1 && !delivering) native.keepAlive(set, 0);
  },

  /**
   * Counts an operation that is about to be tried without a wait, however it will end.
   *
   * @returns Whether it may be: else the turn of others has come, and {@link postpone} is for it.
   */
  takeTurn(): boolean {
    return budget-- > 0;
  },

  /**
   * Calls a function that settles a promise: at once, or where the turn of others has come in the next turn of the event loop.
   *
   * @param action - The function. It must not throw.
   */
  settle(action: () => void): void {
    if (readiness.takeTurn()) action();
    else readiness.postpone(action);
  },

  /**
   * Calls a function in the next turn of the event loop.
   *
   * @param action - The function. It must not throw.
   */
  postpone(action: () => void): void {
    if (postponed.push(action) === 1) setImmediate(runPostponed);
  },

  /**
   * Sets for how long to look for more events after a batch of them, in place of sleeping. It makes the next answer
   * faster, and takes the processor meanwhile.
   *
   * @param seconds - From 0 (the default) to 1, such as 50e-6.
   * @throws {@link OSError} (ENOSYS) where a thread watches the set.
   */
  setBusyPoll(seconds: number): void {
    if (set === 0) open();
    const result = native.setBusyPoll(set, seconds);
    if (result < 0) throw osError(result, { syscall: 'setBusyPoll', hint: "only Node's event loop (libuv) has it" });
  },
};
