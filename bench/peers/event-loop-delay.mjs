import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/**
 * At SIGTERM the process ends, and notes on its standard error by how much its event loop's timers were late.
 *
 * @returns What begins anew.
 */
export function noteDelayAtEnd() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  process.on('SIGTERM', () => {
    const late = (nanoseconds) => `${Math.max(nanoseconds / NS_PER_MS - RESOLUTION_MS, 0).toFixed(1)} ms`;
    console.error(
      `note: event loop delayed by ${late(histogram.percentile(50))} (median), ` +
        `${late(histogram.percentile(99))} (99th percentile), ${late(histogram.max)} (most)`,
    );
    process.exit();
  });
  return () => histogram.reset();
}
