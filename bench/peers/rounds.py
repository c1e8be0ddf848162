import sys
import time


def serve(work):
    """Answers each line `run N` with the nanoseconds that work(N) took."""
    for line in sys.stdin:
        count = int(line.split()[1])
        begin = time.perf_counter_ns()
        work(count)
        print(time.perf_counter_ns() - begin, flush=True)
