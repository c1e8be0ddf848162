import sys
import time

outside = 0


def uncounted(call, *arguments):
    """Does what is no part of the work that is measured."""
    global outside
    begin = time.perf_counter_ns()
    call(*arguments)
    outside += time.perf_counter_ns() - begin


def serve(work):
    """Answers each line `run N` with the nanoseconds that work(N) took."""
    global outside
    for line in sys.stdin:
        count = int(line.split()[1])
        outside = 0
        begin = time.perf_counter_ns()
        work(count)
        print(time.perf_counter_ns() - begin - outside, flush=True)
