"""Runs the operations of files-differential.test.ts in CPython: one case a line in, one list of results a line out."""

import io
import json
import socket
import sys


def outcome(call, files=()):
    try:
        result = call()
    except io.UnsupportedOperation:
        # Of a closed file both are true, and CPython's classes differ in which they say.
        closed = any(file.closed for file in files)
        return {"error": "ValueError" if closed else "UnsupportedOperation"}
    except (ValueError, LookupError):
        return {"error": "ValueError"}
    except TypeError:
        return {"error": "TypeError"}
    return {"bytes": result.hex()} if isinstance(result, bytes) else result


def operate(file, name, argument):
    if name == "iterate":
        return [encoded(line) for line in file]
    if name == "readlines":
        return [encoded(line) for line in file.readlines(argument)]
    if name == "readinto":
        memory = bytearray(argument)
        return [file.readinto(memory), memory.hex()]
    if name in ("write", "writelines"):
        return getattr(file, name)(decoded(argument))
    if name in ("close", "flush", "readable", "writable", "seekable", "readall"):
        return getattr(file, name)()
    if name in ("closed", "mode"):
        return getattr(file, name)
    return getattr(file, name)(argument)


def encoded(value):
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def decoded(value):
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return bytes.fromhex(value["bytes"]) if isinstance(value, dict) else value


def run(case):
    near, far = socket.socketpair(socket.AF_UNIX, getattr(socket, case["type"]))
    with near, far:
        for packet in case["packets"]:
            far.send(bytes.fromhex(packet))
        far.shutdown(socket.SHUT_WR)
        near.settimeout(10)
        results = []
        files = []

        def open_file():
            files.append(near.makefile(case["mode"], case["buffering"], **case["options"]))

        results.append(outcome(open_file))
        for name, argument in (
            (*operation, None)[:2] for operation in case["operations"] if files
        ):
            results.append(outcome(lambda: operate(files[0], name, argument), files))
            # What a file does after malformed bytes depends on what it had read before.
            if results[-1] == {"error": "ValueError"} and name != "write":
                break
        near.settimeout(0)
        far.settimeout(0)
        for file in files:
            outcome(file.close)
        near.shutdown(socket.SHUT_WR)
        sent = b""
        while data := far.recv(65536):
            sent += data
        return [*results, {"bytes": sent.hex()}]


# All of them first: Deno's spawnSync reads nothing before all is written.
for line in sys.stdin.readlines():
    print(json.dumps(run(json.loads(line))), flush=True)
