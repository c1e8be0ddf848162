"""CPython's side of the differential suite: runs scripts over CPython's socket module.

interpreter.py MARK reads one script a line (a JSON list of steps, see script.ts) and answers each with a line: the list of
its results. MARK begins the abstract names of this process, and keeps them its own. The working directory is its own too.
"""

import array
import functools
import json
import operator
import os
import re
import socket
import sys

mark = sys.argv[1]


def repr_pieces(sock):
    text = repr(sock)
    return ["[closed]" in text] + re.findall(r"(\w+)=", text)


# What is no function of the module and no method of a socket.
operations = {
    "Socket": socket.socket,
    "buffer": lambda size: bytearray(size),
    "bytes": bytes,
    "repr": repr_pieces,
}


def snake_case(name):
    if name.isupper():
        return name
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


class Missing(Exception):
    """A step needs the result of one that failed."""


def lookup(names, path):
    name, *indices = path.split(".")
    if name not in names:
        raise Missing
    value = names[name]
    for index in indices:
        value = value[int(index)]
    return value


# How each tag of a value is read.
tags = {
    "abstract": lambda value, names: b"\0" + mark.encode() + value.encode(),
    "bytes": lambda value, names: bytes.fromhex(value),
    "constant": lambda value, names: functools.reduce(operator.or_, (int(getattr(socket, it)) for it in value.split("|"))),
    "descriptors": lambda value, names: array.array("i", [lookup(names, it) for it in value.split()]).tobytes(),
    "number": lambda value, names: float(value) if value in ("NaN", "Infinity", "-Infinity") else int(value),
    "object": lambda value, names: object(),
    "ref": lambda value, names: lookup(names, value),
}


def read(value, names):
    if isinstance(value, list):
        return tuple(read(item, names) for item in value)
    if isinstance(value, dict):
        [(tag, content)] = value.items()
        return tags[tag](content, names)
    return value


def write(value):
    if isinstance(value, socket.socket):
        return {"socket": [int(value.family), int(value.type), value.proto, value.gettimeout()]}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, (tuple, list)):
        return [write(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value


def write_error(error):
    if isinstance(error, Missing):
        return {"missing": True}
    if isinstance(error, OSError):
        return {"error": type(error).__name__, "errno": error.errno}
    if isinstance(error, ExceptionGroup):
        return {"errors": [write_error(item) for item in error.exceptions]}
    for kind in (OverflowError, ValueError, TypeError, AttributeError):
        if isinstance(error, kind):
            return {"error": kind.__name__}
    return {"error": type(error).__name__, "message": str(error)}


def run_step(step, names, kept):
    try:
        args = [read(value, names) for value in step["args"]]
        options = {snake_case(name): read(value, names) for name, value in step.get("options", {}).items()}
        if step["call"] in operations:
            function = operations[step["call"]]
        else:
            target = lookup(names, step["on"]) if "on" in step else socket
            function = getattr(target, snake_case(step["call"]))
        result = function(*args, **options) if callable(function) else function
    except Exception as error:
        return write_error(error)
    kept.append(result)
    if "as" in step:
        names[step["as"]] = result
    return write(result)


def close_all(value):
    if isinstance(value, socket.socket):
        try:
            value.close()
        except OSError:
            pass
    elif isinstance(value, (tuple, list)):
        for item in value:
            close_all(item)


for line in sys.stdin:
    # Nothing is collected, and so closed, in the middle of a script.
    names, kept = {}, []
    print(json.dumps([run_step(step, names, kept) for step in json.loads(line)]), flush=True)
    close_all(kept)
    socket.setdefaulttimeout(None)
    for entry in os.listdir(os.fsencode(".")):
        os.unlink(entry)
